import Compute
import Foundation
import Inference
import Service
import Testing

private let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

/// The real model on the real photographs (scikit-image's chelsea and coffee).
@Suite(.timeLimit(.minutes(10)))
struct ImageServiceTests {
    private func service(threads: Int = 2) throws -> ImageService {
        var options = ModelRepository.Options(kernels: try KernelTable.selected)
        options.pool = ComputePool(threads: threads)
        return try ImageService(
            repository: ModelRepository(
                directory: root.appending(path: "models").path, defaultModel: nil, options: options),
            queue: InferenceQueue(capacity: 64, pool: .shared))
    }

    private func photo(_ name: String, id: String = "0") throws -> ImageInput {
        let file = root.appending(path: "Tests/Fixtures/images/\(name).jpg")
        return ImageInput(id: id, filename: name, content: .success([UInt8](try Data(contentsOf: file))))
    }

    private func classes(_ prediction: Prediction) throws -> [String: Float] {
        Dictionary(uniqueKeysWithValues: try prediction.classes.get().map { ($0.label, $0.probability) })
    }

    @Test func chelseaIsACatAndCoffeeIsAnEspresso() async throws {
        let result = try await service().classify([photo("chelsea"), photo("coffee")], topK: nil)
        let cat = try classes(result.predictions[0])
        let probability = ["tabby cat", "tiger cat", "Egyptian cat"].map { cat[$0] ?? 0 }.reduce(0, +)
        #expect(probability > 0.8, "\(cat)")
        let coffee = try classes(result.predictions[1])
        #expect(coffee["espresso"] ?? 0 > 0.9, "\(coffee)")
        #expect(try result.predictions[0].classes.get().count == 5)
    }

    @Test func aPhotoHasTheSameBitsAloneInABatchOfEightAndOnOneThreadOrTwo() async throws {
        let alone = try await service(threads: 1).embed([photo("chelsea")], layer: nil, normalize: false)
        let expected = try alone.embeddings[0].vector.get()
        #expect(expected.count == 1280)
        for threads in 1...2 {
            let batch = try await service(threads: threads).embed(
                (0..<8).map { try photo($0.isMultiple(of: 2) ? "chelsea" : "coffee", id: "\($0)") },
                layer: nil, normalize: false)
            for index in stride(from: 0, to: 8, by: 2) {
                let found = try batch.embeddings[index].vector.get()
                #expect(found.map(\.bitPattern) == expected.map(\.bitPattern), "image \(index) on \(threads) threads")
            }
        }
    }

    @Test func featuresComputedInTheBackgroundHaveTheBitsOfThoseOfTheQueue() async throws {
        let network = try await service().network(named: nil)
        let images = try ["chelsea", "coffee"].flatMap { name in
            let bytes = try photo(name).content.get()
            return [ViewedImage(bytes: bytes, view: .whole), ViewedImage(bytes: bytes, view: .mirrored)]
        }
        let broken = ViewedImage(bytes: Array("text".utf8), view: .whole)
        let queued = try await network.features(of: images + [broken], inBackground: false)
        let background = try await network.features(of: images + [broken], inBackground: true)
        for (one, other) in zip(queued, background).prefix(4) {
            #expect(try one.get().map(\.bitPattern) == other.get().map(\.bitPattern))
        }
        #expect(throws: ImageFailure.self) { try background[4].get() }
        #expect(background.count == 5)
    }

    @Test func aBadImageFailsAloneAndTheOthersKeepTheirPlaces() async throws {
        let images = [
            ImageInput(id: "text", content: .success(Array("not an image".utf8))), try photo("coffee", id: "coffee"),
            ImageInput(id: "form", content: .failure(ImageFailure(.malformed, "no base64"))),
        ]
        let result = try await service().classify(images, on: RequestTerms(model: "efficientnet-lite0"), topK: 1)
        #expect(result.predictions.map(\.id) == ["text", "coffee", "form"])
        #expect(throws: ImageFailure.self) { try result.predictions[0].classes.get() }
        #expect(try result.predictions[1].classes.get().map(\.label) == ["espresso"])
        #expect(throws: ImageFailure(.malformed, "no base64")) { try result.predictions[2].classes.get() }
    }

    @Test func embeddingsHaveLengthOneUnlessAskedOtherwise() async throws {
        let result = try await service().embed([photo("coffee")], layer: nil, normalize: true)
        let length = try result.embeddings[0].vector.get().reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
        #expect(abs(length - 1) < 1e-6, "\(length)")
        #expect(result.layer == "global_pool" && result.dimensions == 1280)
    }

    @Test func unknownModelsLayersAndCountsAreNamed() async throws {
        let service = try service()
        let images = [try photo("coffee")]
        await #expect { _ = try await service.classify(images, on: RequestTerms(model: "resnet"), topK: 1) } throws: {
            error in
            "\(error)".contains("resnet") && "\(error)".contains("efficientnet-lite0")
        }
        await #expect { _ = try await service.embed(images, layer: "nose", normalize: true) } throws: {
            "\($0)".contains("'nose'")
        }
        await #expect { _ = try await service.classify(images, topK: 1001) } throws: {
            "\($0)".contains("1 to 1000, found 1001")
        }
    }

    @Test func anAnswerOfTooManyNumbersIsRefusedBeforeAnythingIsComputed() async throws {
        let images = (0..<64).map { ImageInput(id: "\($0)", content: .success([])) }
        await #expect {
            _ = try await service().embed(images, layer: "blocks.1.expand", normalize: true)
        } throws: { error in
            if case ServiceError.tooManyNumbers(images: 64, _, _) = error { true } else { false }
        }
    }

    @Test func theLimitOfAnAnswerIsTheOneGiven() async throws {
        let model = try LoadedModel(
            path: root.appending(path: "models/efficientnet-lite0").path, pool: .shared, kernels: .selected)
        let service = ImageService(
            repository: ModelRepository(model), queue: InferenceQueue(capacity: 2, pool: .shared),
            answerLimit: 1280)
        #expect(try await service.embed([photo("coffee")], layer: nil, normalize: true).dimensions == 1280)
        await #expect {
            _ = try await service.embed([photo("coffee"), photo("chelsea")], layer: nil, normalize: true)
        } throws: { error in
            if case ServiceError.tooManyNumbers(2, 1280, limit: 1280) = error { true } else { false }
        }
    }

    @Test func manyImagesKeepTheirOrderThoughOnlySomeAreDecodedAtATime() async throws {
        let images = try (0..<17).map { try photo($0.isMultiple(of: 3) ? "chelsea" : "coffee", id: "\($0)") }
        let result = try await service().classify(images, topK: 1)
        for (index, prediction) in result.predictions.enumerated() {
            let label = try prediction.classes.get()[0].label
            #expect(
                prediction.id == "\(index)" && (label == "espresso") == !index.isMultiple(of: 3), "\(index): \(label)")
        }
    }

    @Test func `a request whose model is not loaded by its deadline is told so`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(
            at: folder.appending(path: "cats"), withIntermediateDirectories: true)
        for version in ["1", "2"] {
            try FileManager.default.createSymbolicLink(
                at: folder.appending(path: "cats/\(version)"),
                withDestinationURL: root.appending(path: "models/efficientnet-lite0"))
        }
        let end = DispatchSemaphore(value: 0)
        var options = ModelRepository.Options(kernels: try KernelTable.selected)
        options.check = { if $0.version == "1" { end.wait() } }
        let service = ImageService(
            repository: try ModelRepository(directory: folder.path, defaultModel: nil, options: options),
            queue: InferenceQueue(capacity: 2, pool: .shared))
        await #expect {
            let terms = RequestTerms(version: "1", timeout: .milliseconds(20))
            _ = try await service.classify([photo("coffee")], on: terms, topK: 1)
        } throws: {
            if case ServiceError.deadlinePassed = $0 { true } else { false }
        }
        end.signal()
    }

    @Test func aStoppedServiceSaysSo() async throws {
        let service = try service()
        service.stop()
        await #expect { _ = try await service.classify([try photo("coffee")], topK: 1) } throws: {
            if case ServiceError.stopping = $0 { true } else { false }
        }
    }
}
