import ArgumentParser
import Foundation
import Inference
import Service

struct HeadsExport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write a head to a file.",
        discussion: """
            FILE.safetensors holds the head alone: 'martlet heads import' and PUT /heads/{head} read it. FILE.onnx holds \
            the model with the head on it, which any engine runs, and which answers the same probabilities.
            """)

    private enum Format: String, CaseIterable {
        case safetensors, onnx
    }

    @Argument(help: ArgumentHelp("The head.", valueName: "name"))
    var name: String

    @Argument(help: ArgumentHelp("The file to write, replaced where it exists.", valueName: "file"))
    var file: String

    @Option(help: ArgumentHelp("The head's version. Default: the one that is promoted.", valueName: "n"))
    var version: Int?

    @OptionGroup var storage: StoreOptions

    @OptionGroup var models: ModelOptions

    @OptionGroup var engine: EngineOptions

    private var format: Format? { Format.allCases.first { file.hasSuffix(".\($0.rawValue)") } }

    func validate() throws {
        guard format != nil else {
            throw ValidationError("'\(file)' should end in .safetensors or .onnx, the formats that are written")
        }
    }

    func run() async throws {
        let query = "format=\(format?.rawValue ?? "")\(version.map { "&version=\($0)" } ?? "")"
        let request = "curl -o \(file.quotedForShell) 'localhost:8080/heads/\(name)/export?\(query)'"
        let (found, bytes) = try await storage.open(orAsk: request) { store in
            let heads = HeadRegistry(store: store)
            let (found, file) = try await heads.exported(name, version: version)
            guard format == .onnx else { return (found.version, file) }
            return (found.version, try await onnx(of: heads.servedHead(name, version: found.version)))
        }
        do {
            try bytes.write(to: URL(filePath: file), options: .atomic)
        } catch {
            throw CommandError("'\(file)' cannot be written: \(error.systemReason)")
        }
        try StandardOutput.write(
            "Version \(found) of head '\(name)' is in '\(file)' (\(grouped(bytes.count)) bytes).")
    }

    private func onnx(of head: ServedHead) async throws -> Data {
        let repository = try models.repository(defaultModel: head.provenance.model, engine)
        let service = ImageService(repository: repository, queue: InferenceQueue(capacity: 1, pool: engine.pool()))
        return Data(try await service.onnx(of: head, producerVersion: Martlet.configuration.version))
    }
}
