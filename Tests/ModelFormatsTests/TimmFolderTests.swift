import Compute
import Foundation
import Testing

@testable import ModelFormats

/// Folders as timm saves them, with the smallest network.
struct TimmFolderTests {
    private static let configuration = """
        {"architecture": "lenet5", "num_classes": 3, "num_features": 84, "global_pool": "avg", "label_names": ["a", "b", "c"],
         "label_descriptions": {"b": "a bird"}, "model_args": {"in_chans": 1},
         "pretrained_cfg": {"tag": "test", "input_size": [1, 32, 32], "fixed_input_size": false, "interpolation": "bicubic",
                            "crop_pct": 0.95, "mean": [0.25], "std": [0.5], "num_classes": 3, "crop_mode": "center"}}
        """

    private static let tensors: [String: Tensor] = {
        let shapes = [
            "conv1": [6, 1, 5, 5], "conv2": [16, 6, 5, 5], "fc1": [120, 400], "fc2": [84, 120], "fc3": [3, 84],
        ]
        var tensors: [String: Tensor] = [:]
        for (name, shape) in shapes {
            tensors["\(name).weight"] = try? Tensor(shape: shape) { $0.initialize(repeating: 0) }
            tensors["\(name).bias"] = try? Tensor(shape: [shape[0]]) { $0.initialize(repeating: 0) }
        }
        return tensors
    }()

    private func load(replacing text: String = "", with other: String = "", labels: String? = nil) throws -> Model {
        try withTemporaryFolder { folder in
            if !text.isEmpty { try #require(Self.configuration.contains(text)) }
            let configuration = text.isEmpty ? Self.configuration : Self.configuration.replacing(text, with: other)
            try Data(configuration.utf8).write(to: folder.appending(path: "config.json"))
            try Data(SafetensorsWriter.serialize(Self.tensors)).write(to: folder.appending(path: "model.safetensors"))
            try labels.map { try Data($0.utf8).write(to: folder.appending(path: "labels.txt")) }
            return try Model.load(folder.path)
        }
    }

    @Test func aFolderIsAModelAsItIs() throws {
        let model = try load()
        #expect(model.graph.inputShape == [1, 32, 32])
        #expect(model.labels == ["a", "a bird", "c"])
        #expect(model.configuration.version == "test" && model.configuration.architecture.rawValue == "lenet5")
        #expect(model.configuration.preprocessing.byteMean == [63.75])
        #expect(model.configuration.preprocessing.interpolation == .bicubic)
        #expect(model.configuration.preprocessing.cropFraction == 0.95)
        #expect(model.configuration.preprocessing.resize == .resizeThenCrop)
        #expect(try load(replacing: "\"center\"", with: "\"squash\"").configuration.preprocessing.resize == .squash)
        let defaulted = try load(replacing: ", \"crop_mode\": \"center\"", with: "")
        #expect(defaulted.configuration.preprocessing.resize == .resizeThenCrop)
        #expect(model.digest.count == 64)
    }

    @Test func labelsMayLieBesideTheWeights() throws {
        #expect(try load(labels: "x\ny\nz\n").labels == ["x", "y", "z"])
        #expect { try load(labels: "x\ny\n") } throws: { "\($0)".contains("expected 3") }
        #expect(try load(replacing: "\"label_names\": [\"a\", \"b\", \"c\"],", with: "").labels.isEmpty)
    }

    @Test func otherNamesThanOutputsAreRefused() {
        for names in ["[\"a\", \"b\"]", "{\"0\": \"a\", \"2\": \"c\", \"3\": \"d\"}"] {
            #expect {
                try load(replacing: "[\"a\", \"b\", \"c\"]", with: names)
            } throws: { ["config.json", "'label_names'", "expected 3", "found 2"].allSatisfy("\($0)".contains) }
            // Nobody reads them where there is a list.
            #expect(
                throws: Never.self,
                performing: {
                    try load(replacing: "[\"a\", \"b\", \"c\"]", with: names, labels: "x\ny\nz\n")
                })
        }
    }

    @Test func aConfigurationOfNoKnownKindIsAnError() {
        #expect {
            try load(replacing: "\"pretrained_cfg\"", with: "\"default_cfg\"")
        } throws: { error in
            ["config.json", "'format_version'", "'pretrained_cfg'", "mean, std", "neither"].allSatisfy(
                "\(error)".contains)
        }
    }

    @Test func namesThatAreMissingAreSaid() throws {
        #expect(try load().assumptions.isEmpty)
        let model = try load(replacing: "\"label_names\": [\"a\", \"b\", \"c\"],", with: "")
        #expect(model.assumptions.count == 1)
        let words = ["config.json does not name the classes", "by their index", "labels.txt", "\"label_names\""]
        #expect(words.allSatisfy((model.assumptions.first ?? "").contains), "\(model.assumptions)")
    }

    @Test(arguments: [
        ("\"lenet5\"", "\"swin_tiny\"", ["architecture", "swin_tiny", "'resnet50'", "'convnext_tiny'"]),
        ("\"mean\": [0.25], ", "", ["pretrained_cfg.mean", "none"]),
        ("\"crop_pct\": 0.95, ", "", ["pretrained_cfg.crop_pct", "none"]),
        ("\"crop_pct\": 0.95", "\"crop_pct\": 1.5", ["pretrained_cfg.crop_pct", "at most 1"]),
        ("\"std\": [0.5]", "\"std\": [0]", ["pretrained_cfg.std", "above 0"]),
        ("\"bicubic\"", "\"lanczos\"", ["interpolation", "lanczos", "'bilinear', 'bicubic'"]),
        ("\"center\"", "\"border\"", ["crop_mode", "border", "'center', 'squash'"]),
        ("[1, 32, 32]", "[1, 32]", ["pretrained_cfg.input_size", "[1, 32]"]),
        ("[1, 32, 32]", "[1, 8, 8]", ["network", "larger images than 8×8"]),
        ("\"num_classes\": 3, \"num_f", "\"num_classes\": 4, \"num_f", ["num_classes", "expected 3", "found 4"]),
        ("\"avg\"", "\"max\"", ["global_pool", "max", "'avg'"]),
        ("\"in_chans\": 1", "\"act_layer\": \"silu\"", ["model_args.act_layer", "changes the network"]),
    ])
    func whatIsMissingOrUnknownIsNamed(_ text: String, _ other: String, _ words: [String]) {
        #expect {
            _ = try load(replacing: text, with: other)
        } throws: { error in
            error is ModelFormatError && words.allSatisfy("\(error)".contains)
        }
    }

    @Test func aTensorThatIsMissingIsNamed() {
        #expect {
            _ = try load(replacing: "\"lenet5\"", with: "\"resnet18\"")
        } throws: { ["model.safetensors", "'conv1.weight'", "[64, 1, 7, 7]"].allSatisfy("\($0)".contains) }
    }

    /// torchvision calls this one `features.0.0.weight`.
    @Test func aTensorThatIsMissingHasTimmsName() {
        #expect {
            _ = try load(replacing: "\"lenet5\"", with: "\"mobilenetv2_100\"")
        } throws: { error in
            ["'conv_stem.weight'", "no tensor of that name, but 'conv1.weight'"].allSatisfy("\(error)".contains)
        }
    }

    @Test func aFolderWithAWholeModelAndNoConfigurationIsToldWhatToDo() throws {
        try withTemporaryFolder { folder in
            try Data().write(to: folder.appending(path: "pets.h5"))
            #expect { try Model.load(folder.path) } throws: { error in
                "\(error)".hasSuffix("'martlet convert \(folder.path)/pets.h5 FOLDER' makes a model folder of it")
            }
        }
    }
}
