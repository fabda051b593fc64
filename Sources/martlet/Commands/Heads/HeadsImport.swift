import ArgumentParser
import Foundation
import MartletAPI
import Service

struct HeadsImport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Read a head from a file that export wrote, as a new version.")

    @Argument(help: ArgumentHelp("A safetensors file that 'martlet heads export' wrote.", valueName: "file"))
    var file: String

    @Argument(help: ArgumentHelp("The head.", valueName: "name"))
    var name: String

    @Flag(inversion: .prefixedNo, help: "Let the new version answer.")
    var promote = true

    @Option(help: .hidden)
    var version: Int?

    @OptionGroup var storage: StoreOptions

    @Flag(help: "Print the version as JSON, as the server answers it.")
    var json = false

    func validate() throws {
        if version != nil { throw ValidationError("--version cannot be chosen: an import is the head's next version") }
    }

    func run() async throws {
        let bytes = try contents()
        do throws(HeadFileError) { _ = try HeadFile(bytes) } catch {
            throw CommandError("'\(file)': \(ForeignFile.mistake(bytes) ?? "\(error)")")
        }
        let query = promote ? "" : "?promote=false"
        let request = "curl -T \(file.quotedForShell) 'localhost:8080/heads/\(name)\(query)'"
        let version = try await storage.open(creates: true, orAsk: request) { store in
            try await HeadRegistry(store: store).import(bytes, as: name, promote: promote)
        }
        let state = promote ? "is imported and promoted" : "is imported, but not promoted"
        try StandardOutput.write(
            json ? version.json : "Version \(version.version) of head '\(name)' \(state).")
    }

    private func contents() throws -> [UInt8] {
        do {
            let handle = try FileHandle(forReadingFrom: URL(filePath: file))
            defer { try? handle.close() }
            // One more than is taken: the file is too large then, whatever it is.
            return [UInt8](try handle.read(upToCount: HeadFile.sizeLimit + 1) ?? Data())
        } catch {
            throw CommandError("'\(file)' cannot be read: \(error.systemReason)")
        }
    }
}
