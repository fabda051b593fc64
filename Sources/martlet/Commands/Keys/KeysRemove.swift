import ArgumentParser
import MartletAPI

struct KeysRemove: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove a key: a running server refuses it within a second.")

    @Argument(help: ArgumentHelp("The key's id or name.", valueName: "id or name"))
    var key: String

    @OptionGroup var configurationFile: ConfigurationFileOption

    @OptionGroup var keys: KeyOptions

    @OptionGroup var storage: StoreOptions

    func run() throws {
        let removed = try keys.file(beside: storage.store).remove(key)
        try StandardOutput.write("removed key '\(removed.name.printable)' (id \(removed.id))")
    }
}
