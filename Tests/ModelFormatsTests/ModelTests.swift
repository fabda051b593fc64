import Compute
import Foundation
import Testing

@testable import ModelFormats

struct ModelTests {
    private static let inTheBox = Fixture.folder.deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "models/efficientnet-lite0")

    /// Loads a copy of the model in the box, made of links to its files, after `change` replaced some.
    private func loadCopy(_ change: (URL) throws -> Void) throws -> Model {
        try withTemporaryFolder { folder in
            for name in try FileManager.default.contentsOfDirectory(atPath: Self.inTheBox.path) {
                try FileManager.default.createSymbolicLink(
                    at: folder.appending(path: name), withDestinationURL: Self.inTheBox.appending(path: name))
            }
            try change(folder)
            return try Model.load(folder.path)
        }
    }

    /// Replaces `text` in a file, which may be a link, by `other`.
    private func replace(_ text: String, with other: String, in file: URL) throws {
        let contents = try String(contentsOf: file, encoding: .utf8)
        try #require(contents.contains(text))
        try FileManager.default.removeItem(at: file)
        try contents.replacing(text, with: other).write(to: file, atomically: false, encoding: .utf8)
    }

    private func load(replacing text: String, with other: String) throws -> Model {
        try loadCopy { try replace(text, with: other, in: $0.appending(path: "config.json")) }
    }

    @Test func theModelInTheBoxIsWhole() throws {
        let model = try Model.load(Self.inTheBox.path)
        #expect(model.labels.count == 1000)
        #expect(model.labels[285] == "Egyptian cat" && model.labels[967] == "espresso")
        #expect(model.graph.inputShape == [3, 224, 224])
        #expect(model.golden != nil)
    }

    @Test(arguments: [
        ("\"format_version\": 1", "\"format_version\": 2", "format_version"),
        ("\"efficientnet_lite0\"", "\"perceptron\"", "architecture"), ("\"height\": 224", "\"height\": 0", "height"),
        ("\"channels\": 3", "\"channels\": 2", "input.channels"),
        ("\"channels\": 3", "\"channels\": 1", "preprocessing.mean"), ("\"bicubic\"", "\"nearest\"", "interpolation"),
        ("\"crop_fraction\": 0.875", "\"crop_fraction\": 1.5", "crop_fraction"),
        ("\"center_crop\"", "\"stretch\"", "'center_crop', 'resize_then_crop', 'squash'"),
        ("\"name\": \"efficientnet-lite0\"", "\"title\": \"x\"", "name"),
        ("\"labels.txt\"", "\"../../etc/passwd\"", "labels.file"), ("\"count\": 1000", "\"count\": 999", "999"),
        ("\"bytes\": 18798624", "\"bytes\": 18798625", "18798625"), ("{", "", "config.json"),
    ])
    func aWrongFieldIsNamed(_ text: String, _ other: String, _ word: String) {
        #expect { _ = try load(replacing: text, with: other) } throws: { error in
            error is ModelFormatError && "\(error)".contains(word)
        }
    }

    @Test func otherLabelsThanOutputsAreRefused() {
        #expect {
            try loadCopy { folder in
                try replace("\nEgyptian cat\n", with: "\n", in: folder.appending(path: "labels.txt"))
                try replace("\"count\": 1000", with: "\"count\": 999", in: folder.appending(path: "config.json"))
            }
        } throws: { error in
            ["labels.txt", "expected 1000", "found 999"].allSatisfy("\(error)".contains)
        }
    }

    @Test func otherGoldenLogitsThanOutputsAreRefused() {
        #expect {
            try loadCopy {
                try replace("\"logits\":[", with: "\"logits\":[0.5,", in: $0.appending(path: "golden.json"))
            }
        } throws: { error in
            ["golden.json", "'logits'", "expected 1000", "found 1001"].allSatisfy("\(error)".contains)
        }
    }

    @Test func aLicenceThatIsMissingIsNamed() {
        #expect {
            try loadCopy { try FileManager.default.removeItem(at: $0.appending(path: "LICENSE")) }
        } throws: { error in
            ["LICENSE", "No such file"].allSatisfy("\(error)".contains)
        }
    }

    @Test func unknownFieldsAreSkipped() throws {
        _ = try load(replacing: "\"version\": \"1\",", with: "\"version\": \"1\", \"colour\": \"red\",")
    }

    @Test func imagesAreAsLargeAsTheConfigurationSays() throws {
        let model = try load(replacing: "\"height\": 224", with: "\"height\": 256")
        #expect(model.graph.inputShape == [3, 256, 224])
    }

    /// As `load(_:)` of a file.
    @Test(arguments: ["models/resize_and_pad_axes_with_metadata.onnx", "keras/slide.h5"])
    func bytesAreAModelToo(_ name: String) throws {
        let path = Fixture.folder.deletingLastPathComponent().appending(path: name).path
        let (file, bytes) = (
            try Model.load(path), try Model.load([UInt8](try Data(contentsOf: URL(filePath: path))), path: path)
        )
        #expect(bytes.configuration == file.configuration && bytes.labels == file.labels)
        #expect { try Model.load([], path: "folder") } throws: { "\($0)".contains("another ending") }
    }

    @Test func aBareONNXFileSaysItsMetadata() throws {
        let model = try Model.load(Fixture.path("resize_and_pad_axes_with_metadata.onnx"))
        #expect(model.configuration.name == "described" && model.labels == ["cat", "dog"])
    }

    @Test func aMisspeltConfigurationIsNamedByLineAndColumn() {
        #expect {
            try load(replacing: "\"format_version\": 1,", with: "\"format_version\" 1,")
        } throws: {
            "\($0)".hasSuffix("config.json: JSON: expected a valid value, found Invalid value at line 2, column 20")
        }
        #expect {
            try loadCopy {
                let file = $0.appending(path: "config.json")
                try FileManager.default.removeItem(at: file)
                try Data("{\"name\": \"é\", }x".utf8).write(to: file)
            }
        } throws: { "\($0)".contains("line 1, column 16") }
    }

    @Test func whatABareFileDoesNotSayIsSaid() throws {
        let path = Fixture.path("flatten_gemm_softmax.onnx")
        let model = try Model.load(path)
        #expect(model.assumptions.count == 2)
        let preprocessing = model.assumptions.first ?? ""
        // What is assumed can be copied to config.json.
        let json = try #require(preprocessing.firstMatch(of: #/assumed: (\{.*\})\. /#)).output.1
        #expect(
            try JSONDecoder().decode(PreprocessingRule.self, from: Data(json.utf8)) == model.configuration.preprocessing
        )
        #expect(model.configuration.preprocessing == .imageNet)
        #expect(model.configuration.preprocessing.resize == .resizeThenCrop)
        #expect(preprocessing.contains("martlet convert \(path) FOLDER") && preprocessing.contains("\"preprocessing\""))
        let labels = model.assumptions.last ?? ""
        #expect(labels.contains("does not name the classes; they are called by their index"))
        #expect(labels.contains("\"labels\": {\"file\": \"labels.txt\", \"count\": 6}"), "\(labels)")
    }

    @Test func aFolderThatSaysAllLeavesNothingToAssume() throws {
        #expect(try Model.load(Self.inTheBox.path).assumptions.isEmpty)
        let unnamed = try load(replacing: "\"labels\":", with: "\"names\":")
        #expect(unnamed.assumptions.count == 1)
        #expect(unnamed.assumptions.first?.contains("\"count\": 1000") == true, "\(unnamed.assumptions)")
    }

    @Test func whatWasConvertedLeavesNothingToAssumeButNames() throws {
        try withTemporaryFolder { folder in
            let path = folder.appending(path: "made").path
            try Model.load(Fixture.path("flatten_gemm_softmax.onnx")).writeFolder(path, producerVersion: "1")
            let model = try Model.load(path)
            #expect(model.assumptions.count == 1 && model.assumptions.first?.contains("does not name") == true)
        }
    }

    /// The error of weights alone has a configuration, which makes a folder with them a model.
    @Test func weightsAloneAreRefusedWithTheConfigurationTheyNeed() throws {
        try withTemporaryFolder { folder in
            let file = folder.appending(path: "pets.safetensors")
            let shapes = [
                "conv1": [6, 3, 5, 5], "conv2": [16, 6, 5, 5], "fc1": [120, 400], "fc2": [84, 120], "fc3": [2, 84],
            ]
            var tensors: [String: Tensor] = [:]
            for (name, shape) in shapes {
                tensors["\(name).weight"] = try Tensor(shape: shape) { $0.initialize(repeating: 0) }
                tensors["\(name).bias"] = try Tensor(shape: [shape[0]]) { $0.initialize(repeating: 0) }
            }
            try Data(SafetensorsWriter.serialize(tensors)).write(to: file)
            var message = ""
            #expect { _ = try Model.load(file.path) } throws: { error in
                message = "\(error)"
                return ["weights without a network", "config.json"].allSatisfy(message.contains)
            }
            let example = try #require(message.firstMatch(of: #/\n(\{.*\})$/#)).output.1
            let configuration = example.replacing("\"resnet50\"", with: "\"lenet5\"").replacing("224", with: "32")
            try Data(configuration.utf8).write(to: folder.appending(path: "config.json"))
            let model = try Model.load(folder.path)
            #expect(model.configuration.name == "pets" && model.graph.inputShape == [3, 32, 32])
        }
    }

    @Test(arguments: ["weights.bin", "weights.pth", "weights.safetensors"])
    func whatIsCalledLikeWeightsAndIsNoneIsSaidToBeNone(_ name: String) throws {
        try withTemporaryFolder { folder in
            let file = folder.appending(path: name)
            for contents in ["", "hi", "hello, this is not a file of weights"] {
                try Data(contents.utf8).write(to: file)
                #expect {
                    _ = try Model.load(file.path)
                } throws: {
                    "\($0)".contains(name) && !"\($0)".contains("without a network")
                }
            }
        }
    }

    @Test func otherFilesThanModelsAreRefusedWithTheEndingsOfModels() {
        #expect {
            _ = try Model.load(#filePath)
        } throws: { ["ModelTests.swift", ".keras, .h5", ".onnx", "config.json"].allSatisfy("\($0)".contains) }
    }

    @Test func aBareONNXFileIsAModelWithoutLabels() throws {
        let model = try Model.load(Fixture.path("flatten_gemm_softmax.onnx"))
        #expect(model.configuration.name == "flatten_gemm_softmax" && model.labels.isEmpty && model.golden == nil)
    }

    /// The first numbers of the generator, computed with Python's integers from the formula in its comment.
    @Test func theGoldenInputFollowsItsFormula() {
        let golden = GoldenVector(input: .init(generator: .lcg64, seed: 1), logits: [0], tolerance: 0.1)
        let input = golden.inputTensor(.init(channels: 3, height: 1, width: 1))
        let expected: [Float] = [-0.15358173847198486, 0.018814802169799805, 0.2967187166213989]
        #expect(input == expected)
    }

    @Test func theGoldenCheckFindsTheWorstLogitAndNaN() throws {
        let golden = GoldenVector(input: .init(generator: .lcg64, seed: 1), logits: [1, -20, 3], tolerance: 1e-3)
        try golden.check([1.0009, -20.019, 3])
        // A tenth of the largest logit, 2 of 20, and no more.
        try golden.check([2.9, -21.9, 1.1], rounding: 0.1)
        #expect(throws: GoldenVectorError.self) { try golden.check([0.5, -10, 1.5], rounding: 0.1) }
        #expect { try golden.check([1.002, -20.5, 3]) } throws: { "\($0)".contains("-20.5") }
        #expect { try golden.check([1, -20, .nan]) } throws: { "\($0)".contains("nan") }
        #expect(throws: GoldenVectorError.count(expected: 3, found: 2)) { try golden.check([1, -20]) }
    }
}
