import ArgumentParser

/// A command line with what the environment and the configuration file add to it, which flags go before.
struct ConfiguredArguments {
    /// The settings that the command has, in the order of their declaration.
    let settings: [Setting]
    /// By the setting's name.
    private(set) var given: [String: GivenSetting] = [:]
    /// What deserves to be said, but is no mistake.
    private(set) var warnings: [String] = []
    /// For ArgumentParser.
    private(set) var words: [String]
    /// Those of the command line itself.
    private let ownWords: [String]

    /// Commands that have the option read a file, and of it what they share with `serve`. So do all with variables.
    ///
    /// - Throws: ``SettingError`` where the file cannot be read or a setting has not the form that it takes.
    init(_ words: [String], environment: [String: String], program: CommandDeclaration) throws {
        let serve = Setting.all(of: program.command(named: ["serve"]).command)
        let (command, depth) = program.command(named: words)
        let isServe = command.commandName == "serve"
        let own = Set(command.arguments?.compactMap(\.preferredName?.name) ?? [])
        settings = serve.filter { own.contains($0.name) }
        self.words = words
        ownWords = words
        // Who asks how to set things right is not to be told first that they are wrong.
        guard depth > 0, !words.prefix(while: { $0 != "--" }).contains(where: { ["--help", "-h"].contains($0) }) else {
            return
        }
        given = Self.flags(in: words.dropFirst(depth), settings)
        let variables = EnvironmentSettings(environment, settings: serve)
        given.merge(variables.given.filter { own.contains($0.key) }) { flag, _ in flag }
        if isServe { warnings = variables.warnings }
        if let path = given[Setting.file]?.values.last, !path.isEmpty {
            let file = try ConfigurationFile(path: path, settings: serve)
            given.merge(file.given.filter { own.contains($0.key) }) { higher, _ in higher }
        }
        // Beside an option, ArgumentParser takes 'heads --version' for one of 'heads list'.
        guard words.last != "--version" else { return }
        let end = words.firstIndex(of: "--") ?? words.endIndex
        self.words.insert(contentsOf: try addedWords(), at: end)
    }

    /// Not those of the command line itself, which stay where they are.
    private func addedWords() throws -> [String] {
        try settings.flatMap { setting throws -> [String] in
            guard let given = given[setting.name], !given.source.isFlag else { return [] }
            do throws(ConfigurationMistake) { return try setting.arguments(for: given.values) } catch {
                throw SettingError("\(given.source): \(error.text)")
            }
        }
    }

    /// The settings that the command line gives.
    private static func flags(in words: some Collection<String>, _ settings: [Setting]) -> [String: GivenSetting] {
        var given: [String: GivenSetting] = [:]
        var rest = Array(words.prefix { $0 != "--" })[...]
        while let word = rest.popFirst() {
            guard word.hasPrefix("--") else { continue }
            let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            let setting = settings.first { $0.name == name || $0.isSwitch && "no-\($0.name)" == name }
            guard let setting else { continue }
            let value = setting.isSwitch ? "\(setting.name == name)" : parts.count > 1 ? String(parts[1]) : rest.first
            let former = setting.isRepeating ? given[setting.name]?.values ?? [] : []
            given[setting.name] = GivenSetting(values: former + [value ?? ""], source: .flag)
        }
        return given
    }

    /// The command, whose mistakes name the variable or the line of the file that they come from.
    func command() throws -> any ParsableCommand {
        do { return try parse(words) } catch {
            guard !Martlet.exitCode(for: error).isSuccess else { throw error }
            // What is wrong without the environment and the file, they are not to blame for.
            _ = try parse(ownWords)
            let message = Martlet.message(for: error)
            let named = message.matches(of: /--([a-z0-9-]+)/).map { String($0.1) }
            let sources = settings.filter { named.contains($0.name) }.compactMap { given[$0.name]?.source }
            guard sources.contains(where: { !$0.isFlag }) else { throw error }
            throw SettingError(
                "\(sources.filter { !$0.isFlag }.map(\.description).joined(separator: "; ")): \(message)")
        }
    }

    /// - Throws: where a value is no number and should be, a ``SettingError`` that says which.
    private func parse(_ words: [String]) throws -> any ParsableCommand {
        do { return try Martlet.parseAsRoot(words) } catch {
            let message = Martlet.message(for: error)
            let invalid = /The value '.*' is invalid for '--([a-z-]+) <[^>]*>'/.dotMatchesNewlines()
            guard let name = message.wholeMatch(of: invalid)?.1,
                let expected = settings.first(where: { $0.name == name })?.expectedNumber
            else { throw error }
            throw SettingError("\(message): expected \(expected)")
        }
    }
}
