import ArgumentParser
import Foundation
import MartletAPI

/// Where the keys are.
struct KeyOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The file of keys. Default: keys.json beside the store.", valueName: "file"))
    var keys: String?

    func validate() throws {
        guard keys != "" else { throw ValidationError("--keys must name a file, found ''") }
    }

    /// - Parameter store: the store's file.
    func file(beside store: String) -> KeyFile {
        KeyFile(
            path: keys ?? URL(filePath: store).deletingLastPathComponent().appending(path: "keys.json").relativePath)
    }
}
