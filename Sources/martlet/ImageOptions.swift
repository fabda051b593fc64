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

    @Option(
        help: ArgumentHelp(
            "A model's name, folder, or ONNX or Keras file. Default: \(defaultModel).", valueName: "model"))
    var model: String?

    @OptionGroup var models: ModelOptions

    @OptionGroup var engine: EngineOptions

    @Flag(
        help: """
            Print the JSON that the server would answer. Of more than \(batchSize) files, print one such object a line \
            for every \(batchSize) of them, or for fewer where their numbers would be too many.
            """)
    var json = false

    private static let defaultModel = "efficientnet-lite0"

    /// At most so many files are read, computed and printed at a time: any number of them takes the memory of these.
    private static let batchSize = 64

    /// Prints what `ask` answers for the files, which go through the model that is named.
    ///
    /// - Parameter numbersPerImage: how many numbers the answer has for each file; where they are many, fewer files are
    ///   asked for at a time.
    func printAnswers<Answer: ImageAnswer>(
        numbersPerImage: (LoadedModel) throws -> Int = { _ in 1 },
        _ ask: (ImageService, [ImageInput]) async throws -> Answer
    ) async throws {
        let loaded = try models.load(model ?? Self.defaultModel, engine)
        let batchSize = max(1, min(Self.batchSize, ImageService.defaultAnswerLimit / (try numbersPerImage(loaded))))
        try await printAnswers(of: service(of: ModelRepository(loaded)), batchSize: batchSize, ask)
    }

    /// Prints what `ask` answers for the files. A file without an answer is named on standard error; the others are
    /// not affected, but the command ends with a failure.
    func printAnswers<Answer: ImageAnswer>(
        of service: ImageService, batchSize: Int = batchSize,
        _ ask: (ImageService, [ImageInput]) async throws -> Answer
    ) async throws {
        var failed = false
        for start in stride(from: 0, to: files.count, by: batchSize) {
            let batch = start..<min(start + batchSize, files.count)
            let answer = try await ask(service, batch.map(image))
            if json { try StandardOutput.write(answer.json) }
            for (index, text) in zip(batch, answer.texts) {
                switch text {
                case .success(let text): if !json { try StandardOutput.write(text) }
                case .failure(let failure):
                    if !json { StandardError.write("\(files[index]): \(failure)") }
                    failed = true
                }
            }
        }
        if failed { throw ExitCode.failure }
    }

    /// Without the limit of an answer: a layer may be so large that one image is beyond it.
    func service(of repository: ModelRepository) -> ImageService {
        ImageService(
            repository: repository, queue: InferenceQueue(capacity: Self.batchSize, pool: engine.pool()),
            defaultTimeout: .seconds(86400), answerLimit: .max)
    }

    private func image(_ index: Int) -> ImageInput {
        ImageInput(id: String(index), filename: files[index], content: imageFile(files[index]))
    }
}

/// What a service answers for some images.
protocol ImageAnswer {
    /// As the server would send it.
    var json: String { get }
    /// For each image what a person reads, or why there is nothing.
    var texts: [Result<String, ImageFailure>] { get }
}
