import ArgumentParser
import MartletAPI
import Service

struct HeadsPromote: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "promote", abstract: "Let another version of a head answer.")

    @Argument(help: ArgumentHelp("The head.", valueName: "name"))
    var name: String

    @Argument(help: ArgumentHelp("The version, a number.", valueName: "version"))
    var version: Int

    @OptionGroup var storage: StoreOptions

    @Flag(help: "Print the head as JSON, as the server answers it.")
    var json = false

    func run() async throws {
        let request = "curl -d '{\"version\": \(version)}' localhost:8080/heads/\(name)/promote"
        let (head, promoted) = try await storage.open(orAsk: request) { store in
            let head = try await HeadRegistry(store: store).promote(version, of: name)
            return (head, try await store.headVersion(version, of: name))
        }
        try StandardOutput.write(
            json ? head.json(version: promoted) : "Version \(version) of head '\(name)' is promoted.")
    }
}
