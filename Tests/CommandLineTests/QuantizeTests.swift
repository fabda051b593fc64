import Foundation
import ModelFormats
import Network
import Testing

struct QuantizeTests {
    private static let images = "Tests/Fixtures/images"
    private static let network = "Tests/Fixtures/models/batch_normalization_after_convolution.onnx"

    private func quantize(_ model: String, to output: String, images: String = images, _ options: String...) throws
        -> MartletProcess.Output
    {
        try MartletProcess.run(["quantize", model, output, "--images", images, "--threads", "1"] + options)
    }

    @Test func `a folder is made that other commands take, and the report says what it is like`() throws {
        let folder = try PhotoFolder()
        let output = try quantize(Self.network, to: folder["small"], "--json", "--holdout", "0.5")
        #expect(output.status == 0, "\(output.errors)")
        let report = try #require(try JSONSerialization.jsonObject(with: Data(output.text.utf8)) as? [String: Any])
        let (images, agreement) = (report["images"] as? [String: Int] ?? [:], report["agreement"] as? [String: Double])
        #expect(images["calibration", default: 0] >= 8 && images["holdout", default: 0] >= 8, "\(images)")
        #expect(images["skipped", default: 0] > 0, "some of the fixtures are damaged")
        #expect(agreement?["mean_cosine"] ?? 0 > 0.99, "\(agreement ?? [:])")
        #expect(report["layers"] as? Int == 1 && report["wide_layers"] as? [String] == [])
        #expect(output.errors.contains("30000x30000.png: ") && output.errors.contains("passed over"))

        let model = try Model.load(folder["small"])
        #expect(
            try model.graph.optimized().nodes.map { $0.operation.description.prefix(13) }
                == ["round to grid", "convolution 2"])
        let answer = try MartletProcess.run(
            "classify", "--model", folder["small"], "\(Self.images)/coffee.jpg", "--top-k", "1")
        #expect(answer.status == 0, "\(answer.errors)")
        #expect(try MartletProcess.run("inspect", folder["small"]).text.contains("round to grid"))
    }

    @Test func `the report can be read, and no image need be held out`() throws {
        let folder = try PhotoFolder()
        try folder.addPhotos(8, of: "coffee.jpg", to: "photos/below")
        let output = try quantize(
            Self.network, to: folder["small"], images: folder["photos"], "--holdout", "0", "--method", "percentile")
        #expect(output.status == 0, "\(output.errors)")
        for words in ["in int8, calibrated on 8 images (percentile)", "No image was held out", "--model "] {
            #expect(output.text.contains(words), "\(output.text)")
        }
    }

    @Test func `golden answers are those of the new network`() throws {
        let folder = try PhotoFolder()
        try folder.addPhotos(8, of: "coffee.jpg", to: "photos")
        let source = try Model.load(Self.network)
        let zeros = Array(repeating: "0", count: 144).joined(separator: ",")
        let golden = try JSONDecoder().decode(
            GoldenVector.self,
            from: Data(
                "{\"input\":{\"generator\":\"lcg64\",\"seed\":7},\"logits\":[\(zeros)],\"tolerance\":0.1}".utf8))
        let model = Model(configuration: source.configuration, graph: source.graph, labels: [], golden: golden)
        try model.writeFolder(folder["model"], producerVersion: "1")
        #expect(try Model.load(folder["model"]).golden == golden, "a folder keeps what the model has")
        let output = try quantize(folder["model"], to: folder["small"], images: folder["photos"])
        #expect(output.status == 0, "\(output.errors)")
        let found = try #require(try Model.load(folder["small"]).golden)
        #expect(found.input == golden.input && found.logits.contains { $0 != 0 })
        #expect(try MartletProcess.run("inspect", folder["small"]).status == 0)
    }

    @Test func `what cannot be done is said before anything is written`() throws {
        let folder = try PhotoFolder()
        try folder.addPhotos(3, of: "coffee.jpg", to: "few")
        try folder.write(Data("text".utf8), to: "none/readme.txt")
        try folder.write(Data(), to: "exists/file")
        let cases: [(model: String, output: String, images: String, words: String)] = [
            (Self.network, "exists", Self.images, "exists' exists already"),
            (Self.network, "new", folder["few"], "has 3 JPEG, PNG or WebP images that can be read; at least 8"),
            (Self.network, "new", folder["none"], "has 0 JPEG, PNG or WebP images"),
            (Self.network, "new", folder["nowhere"], "cannot be read: No such file"),
            (Self.network, "new", folder["none/readme.txt"], "is no folder"),
            ("Tests/Fixtures/models/quantized_qdq.onnx", "new", Self.images, "is quantised already"),
            ("Tests/Fixtures/models/max_pool_pads.onnx", "new", Self.images, "no convolution and no dense layer"),
            ("nothing", "new", Self.images, "no model 'nothing'"),
        ]
        for (model, target, images, words) in cases {
            let output = try quantize(model, to: folder[target], images: images)
            #expect(output.status == 1 && output.errors.contains(words), "\(output.errors)")
        }
        #expect(!FileManager.default.fileExists(atPath: folder["new"]))
        for (option, value) in [("--holdout", "1"), ("--target", "2"), ("--method", "best")] {
            #expect(try quantize(Self.network, to: folder["new"], option, value).status == 64)
        }
        #expect(try quantize(Self.network, to: folder["new.onnx"]).status == 64)
    }
}
