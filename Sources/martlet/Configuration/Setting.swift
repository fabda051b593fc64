/// An option of `martlet serve` in its three spellings: `--drain-delay`, `MARTLET_DRAIN_DELAY`, and `drain-delay` in the file.
///
/// They are derived from the declarations of the command line, which are the only list of options.
struct Setting {
    /// Of the flag, without dashes, and of the file's key.
    let name: String
    /// Whether it is on or off (`--exact`, `--no-exact`), without a value.
    let isSwitch: Bool
    let isRepeating: Bool
    let defaultValue: String?
    let declaration: CommandDeclaration.Argument

    /// The option that names the file itself.
    static let file = "config"

    static let variablePrefix = "MARTLET_"

    var variable: String { Self.variablePrefix + name.uppercased().replacing("-", with: "_") }

    /// Whether the file may say it.
    var isInFile: Bool { name != Self.file }

    /// All settings of a command. A flag that cannot be taken back (`--help`) asks for something else to be done.
    static func all(of command: CommandDeclaration) -> [Setting] {
        let arguments = (command.arguments ?? []).filter(\.shouldDisplay)
        let names = Set(arguments.compactMap(\.preferredName?.name))
        return arguments.compactMap { argument in
            guard let name = argument.preferredName?.name else { return nil }
            let isSwitch = argument.kind == "flag"
            guard !isSwitch || names.contains("no-\(name)") else { return nil }
            return Setting(
                name: name, isSwitch: isSwitch, isRepeating: argument.isRepeating,
                defaultValue: isSwitch ? "\(argument.defaultValue == "--\(name)")" : argument.defaultValue,
                declaration: argument)
        }
    }

    /// The command line's words for `values`.
    ///
    /// - Throws: a ``ConfigurationMistake`` where they are not as many, or not of the kind, that it takes.
    func arguments(for values: [String]) throws(ConfigurationMistake) -> [String] {
        guard isRepeating || values.count == 1 else {
            throw ConfigurationMistake("takes one value, found a list of \(values.count)")
        }
        guard isSwitch else { return values.map { "--\(name)=\($0)" } }
        switch values[0].lowercased() {
        case "true": return ["--\(name)"]
        case "false": return ["--no-\(name)"]
        default: throw ConfigurationMistake("must be true or false, found '\(values[0])'")
        }
    }
}

/// What is wrong with a setting, without saying where it came from.
struct ConfigurationMistake: Error {
    let text: String

    init(_ text: String) { self.text = text }
}
