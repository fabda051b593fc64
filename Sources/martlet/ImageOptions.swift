import ArgumentParser
import Compute
import Foundation
import Imaging
import Inference
import Service

/// What `classify` and `embed` have in common: image files through one model, without a server.
struct ImageOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("Image files: JPEG, PNG or WebP.", valueName: "file"))
    var files: [String]

    @Option(help: ArgumentHelp("A model's name, folder or ONNX file.", valueName: "model"))
    var model = "efficientnet-lite0"

    @OptionGroup var models: ModelOptions

    @OptionGroup var engine: EngineOptions

    @Flag(help: "Print the JSON that the server would answer.")
    var json = false

    func service() throws -> ImageService {
        let pool = engine.pool()
        let loaded = try LoadedModel(path: models.path(of: model), pool: pool, kernels: engine.kernels())
        return ImageService(
            repository: ModelRepository(loaded),
            queue: InferenceQueue(capacity: files.count, preparationWidth: pool.threads),
            defaultTimeout: .seconds(86400))
    }

    func images() -> [ImageInput] {
        files.enumerated().map { index, file in
            ImageInput(
                id: String(index), filename: file,
                content: Result { [UInt8](try Data(contentsOf: URL(filePath: file))) }
                    .mapError { _ in ImageFailure(.malformed, "there is no such file, or it cannot be read") })
        }
    }

    /// Prints an image's failure on standard error.
    func report(_ failure: ImageFailure, of file: String) {
        FileHandle.standardError.write(Data("\(file): \(failure)\n".utf8))
    }
}
