import ArgumentParser
import Foundation

/// A command as it is declared, in the form in which ArgumentParser describes it to other tools.
struct CommandDeclaration: Decodable {
    struct Argument: Decodable {
        struct Name: Decodable { let name: String }

        let kind: String
        let preferredName: Name?
        let isRepeating: Bool
        let shouldDisplay: Bool
        let valueName: String?
        let defaultValue: String?
        let allValues: [String]?
        let sectionTitle: String?
        let abstract: String?
    }

    let commandName: String
    let defaultSubcommand: String?
    let subcommands: [CommandDeclaration]?
    let arguments: [Argument]?

    /// The whole program.
    static func program() throws -> CommandDeclaration {
        struct Description: Decodable { let command: CommandDeclaration }
        return try JSONDecoder().decode(Description.self, from: Data(Martlet._dumpHelp().utf8)).command
    }

    /// The command that the words name, and how many words that took.
    func command(named words: some Collection<String>) -> (command: CommandDeclaration, depth: Int) {
        let subcommands = subcommands ?? []
        if let word = words.first, let next = subcommands.first(where: { $0.commandName == word }) {
            let (command, depth) = next.command(named: words.dropFirst())
            return (command, depth + 1)
        }
        return (subcommands.first { $0.commandName == defaultSubcommand } ?? self, 0)
    }
}
