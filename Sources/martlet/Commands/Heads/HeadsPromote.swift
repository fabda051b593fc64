import ArgumentParser
import MartletAPI
import Service

struct HeadsPromote: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "promote", abstract: "Let another version of a head answer.")

    @Argument(help: ArgumentHelp("The head.", valueName: "name"))
    var name: String

    @OptionGroup var which: HeadVersionArguments

    @OptionGroup var storage: StoreOptions

    @Flag(help: "Print the head as JSON, as the server answers it.")
    var json = false

    func validate() throws { _ = try version() }

    private func version() throws -> Int {
        guard let version = try which.version() else { throw ValidationError("Missing expected argument '<version>'") }
        return version
    }

    func run() async throws {
        let version = try version()
        let request = "curl -d '{\"version\": \(version)}' localhost:8080/heads/\(name)/promote"
        let (head, promoted) = try await storage.open(orAsk: request) { store in
            let head = try await HeadRegistry(store: store).promote(version, of: name)
            return (head, try await store.headVersion(version, of: name))
        }
        try StandardOutput.write(
            json ? head.json(version: promoted) : "Version \(version) of head '\(name)' is promoted.")
    }
}
