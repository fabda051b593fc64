import ArgumentParser
import Foundation
import MartletAPI

/// Where the keys are.
struct KeyOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            The file of keys, in a folder of its own: a server in its sandbox reads that folder, and writes the store's. \
            Default: keys.json in a folder beside the store's, var-keys for var.
            """, valueName: "file"))
    var keys: String?

    func validate() throws {
        guard keys != "" else { throw ValidationError("--keys must name a file, found ''") }
    }

    /// - Parameter store: the store's file.
    func file(beside store: String) -> KeyFile {
        if let keys { return KeyFile(path: keys) }
        let folder = URL(filePath: store).deletingLastPathComponent()
        // A folder that has no name of its own: "." or "..".
        let named = folder.relativePath.hasSuffix(".") ? folder.standardizedFileURL.absoluteURL : folder
        return KeyFile(path: named.relativePath + "-keys/keys.json")
    }
}
