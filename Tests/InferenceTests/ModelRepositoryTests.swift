import Compute
import Foundation
import Inference
import ModelFormats
import Network
import Testing

/// The model in the box, and copies of it that something happened to.
struct ModelRepositoryTests {
    private static let model = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "models/efficientnet-lite0")

    /// A folder of models with one copy, which `change` may damage.
    private func withCopy(_ change: (URL) throws -> Void, _ body: (String) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
        let copy = directory.appending(path: "efficientnet-lite0")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try FileManager.default.copyItem(at: Self.model, to: copy)
        try change(copy)
        try body(directory.path)
    }

    private func load(_ directory: String, defaultModel: String? = nil) throws -> ModelRepository {
        try ModelRepository(
            directory: directory, defaultModel: defaultModel, options: .init(kernels: KernelTable.selected))
    }

    private func expectFailure(_ directory: String, mentioning words: [String]) {
        #expect { _ = try load(directory) } throws: { error in
            words.allSatisfy("\(error)".contains)
        }
    }

    private func replace(_ text: String, with other: String, in file: URL) throws {
        let content = try String(contentsOf: file, encoding: .utf8)
        #expect(content.contains(text))
        try content.replacing(text, with: other).write(to: file, atomically: true, encoding: .utf8)
    }

    @Test func aNetworkOfWeightsThatAreNoNumbersIsRefused() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).onnx")
        defer { try? FileManager.default.removeItem(at: file) }
        for (weight, isRefused) in [(Float(2), false), (.nan, true)] {
            var graph = Graph(inputShape: [3, 2, 2])
            let weights = try Tensor(shape: [1, 12], values: [weight] + Array(repeating: 1, count: 11))
            graph.append("dense", .dense(Dense(weights: weights)), graph.input)
            try Data(ONNXWriter.serialize(graph, producerVersion: "1")).write(to: file)
            let result = Result { try LoadedModel(path: file.path, kernels: .selected) }
            if isRefused {
                #expect { try result.get() } throws: { "\($0)".contains("NaN") }
            } else {
                #expect(throws: Never.self) { try result.get() }
            }
        }
    }

    @Test func theModelInTheBoxLoadsAndAnswersItsGoldenVector() async throws {
        let repository = try load(Self.model.deletingLastPathComponent().path)
        let model = try await repository.model()
        #expect(model.name == "efficientnet-lite0")
        #expect(model.plan.parameterCount == 4_652_008)
    }

    @Test func theGoldenVectorHoldsForEveryInstructionSet() throws {
        for name in KernelTable.available {
            _ = try LoadedModel(path: Self.model.path, kernels: KernelTable.select(named: name))
        }
    }

    @Test func aHalfWrittenWeightsFileIsNamedWithBothSizes() throws {
        try withCopy({ folder in
            let file = try FileHandle(forWritingTo: folder.appending(path: "model.safetensors"))
            try file.truncate(atOffset: 9_000_000)
            try file.close()
        }) { expectFailure($0, mentioning: ["model.safetensors", "18798624", "9000000"]) }
    }

    @Test func oneChangedBitOfTheWeightsIsFound() throws {
        try withCopy({ folder in
            let file = try FileHandle(forUpdating: folder.appending(path: "model.safetensors"))
            try file.seek(toOffset: 12_000_000)
            let byte = try #require(try file.read(upToCount: 1)?.first)
            try file.seek(toOffset: 12_000_000)
            try file.write(contentsOf: [byte ^ 1])
            try file.close()
        }) { expectFailure($0, mentioning: ["model.safetensors", "SHA-256"]) }
    }

    @Test func aNetworkThatAnswersDifferentlyFromItsGoldenVectorIsRefused() throws {
        try withCopy({ folder in
            try replace("\"seed\":20200313", with: "\"seed\":20200314", in: folder.appending(path: "golden.json"))
        }) { expectFailure($0, mentioning: ["efficientnet-lite0", "logit"]) }
    }

    @Test func theModelInTheBoxAnswersItsGoldenVectorInEveryPrecision() throws {
        for kernels in KernelTable.available.compactMap(KernelTable.init(named:)) {
            for precision in Precision.allCases {
                let load = {
                    try LoadedModel(
                        path: Self.model.path, kernels: kernels, options: PlanOptions(precision: precision))
                }
                // With fewer precisions it says so.
                guard kernels.precisions.contains(precision) else {
                    #expect(throws: InferenceError.self) { _ = try load() }
                    continue
                }
                #expect(throws: Never.self, "\(kernels.name), \(precision)") { _ = try load() }
            }
        }
    }

    @Test func aMissingFieldOfTheConfigurationIsNamed() throws {
        try withCopy({ folder in
            try replace("\"crop_fraction\"", with: "\"crop\"", in: folder.appending(path: "config.json"))
        }) { expectFailure($0, mentioning: ["config.json", "crop_fraction"]) }
    }

    @Test func aMissingLabelFileIsNamed() throws {
        try withCopy({ try FileManager.default.removeItem(at: $0.appending(path: "labels.txt")) }) {
            expectFailure($0, mentioning: ["labels.txt"])
        }
    }

    @Test func anEmptyOrMissingFolderOfModelsSaysWhatWasExpected() {
        expectFailure("/nonexistent/models", mentioning: ["/nonexistent/models", "config.json"])
    }

    @Test func aFolderWithoutAConfigurationIsNamed() throws {
        try withCopy({ try FileManager.default.removeItem(at: $0.appending(path: "config.json")) }) {
            expectFailure($0, mentioning: ["config.json"])
        }
    }

    @Test func anUnknownDefaultModelIsRefusedWithTheNamesThatExist() throws {
        #expect {
            _ = try load(Self.model.deletingLastPathComponent().path, defaultModel: "resnet")
        } throws: { "\($0)".contains("resnet") && "\($0)".contains("efficientnet-lite0") }
    }
}
