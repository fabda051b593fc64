import ArgumentParser
import Service

struct HeadsDelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete a head with all versions, or one version that is not promoted.")

    @Argument(help: ArgumentHelp("The head.", valueName: "name"))
    var name: String

    @OptionGroup var which: HeadVersionArguments

    @OptionGroup var storage: StoreOptions

    func validate() throws { _ = try which.version() }

    func run() async throws {
        let version = try which.version()
        let path = version.map { "/versions/\($0)" } ?? ""
        try await storage.open(orAsk: "curl -X DELETE localhost:8080/heads/\(name)\(path)") { store in
            let heads = HeadRegistry(store: store)
            if let version { try await heads.delete(version: version, of: name) } else { try await heads.delete(name) }
        }
        try StandardOutput.write(
            version.map { "Version \($0) of head '\(name)' is deleted." } ?? "Head '\(name)' is deleted.")
    }
}
