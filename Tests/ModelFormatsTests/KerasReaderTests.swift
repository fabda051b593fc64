import Compute
import Foundation
import Network
import Testing

@testable import ModelFormats

struct KerasReaderTests {
    private static let good = [
        "slide.keras", "slide.h5", "slide_tf2.h5", "branches.keras", "branches.h5", "branches_tf2.h5",
        "convolutions.keras", "borders.keras", "normalizations.keras", "normalizations_tf2.h5", "activations.keras",
        "activations_tf2.h5", "functions.keras", "arithmetic.keras", "prepared_tf.keras",
        "prepared_torch.keras", "prepared_caffe.keras", "prepared_product.keras", "prepared_difference.keras",
        "split.h5", "nested.keras", "nested.h5",
        "float16.keras", "bfloat16.keras",
    ]

    @Test(arguments: good) func outputsEqualKeras(_ name: String) throws {
        let stem = String(name.prefix { $0 != "." })
        let (x, expected) = (
            try NumPyArray(path: KerasFixture.path("\(stem).x.npy")),
            try NumPyArray(path: KerasFixture.path("\(stem).y.npy"))
        )
        let graph = try KerasReader.read(try FileContents(path: KerasFixture.path(name))).graph
        let plan = try Plan(graph, pool: ComputePool(threads: 1), kernels: KernelTable.select(named: nil))
        #expect([2] + plan.outputShape == expected.shape)
        let found = try plan.run(input: channelsLast(x), images: 2, layers: [plan.outputName])[0]
        try #require(found.count == expected.values.count)
        for (index, (found, expected)) in zip(found, expected.values).enumerated() {
            #expect(
                abs(found - expected) <= 1e-4 * max(1, abs(expected)),
                "element \(index): found \(found), Keras has \(expected)")
        }
    }

    /// What each broken or unsupported file's error must mention.
    @Test(arguments: [
        ("bad_custom_layer.keras", ["'bird' (Swan)", "'Zoo>Swan'", "Python", "Conv2D"]),
        ("bad_custom_activation.keras", ["'bent'", "'Zoo>neck'", "Python", "gelu"]),
        ("bad_lambda.keras", ["'secret'", "Lambda"]),
        ("bad_unknown_layer.keras", ["'unit'", "UnitNormalization", "BatchNormalization"]),
        ("bad_integers.keras", ["(Subtract)", "inbound_nodes", "uint8", "wraps"]),
        ("bad_two_outputs.keras", ["output_layers", "2", "one"]),
        ("bad_only.weights.h5", ["model_config", "weights only", "model.save"]),
        ("bad_compressed.h5", ["kernel", "compressed"]), ("bad_external_link.h5", ["kernel", "none"]),
        ("bad_external_data.h5", ["kernel", "another file"]), ("bad_missing.h5", ["kernel", "none"]),
    ])
    func errorsNameFileAndLayer(_ name: String, _ words: [String]) {
        #expect { _ = try Model.load(KerasFixture.path(name)) } throws: { error in
            ([name] + words).allSatisfy("\(error)".contains)
        }
    }

    @Test func aBareFileSaysHowPixelsAreCounted() throws {
        let slide = try Model.load(KerasFixture.path("slide.keras"))
        #expect(slide.configuration.name == "slide" && slide.configuration.architecture == .keras)
        #expect(slide.configuration.preprocessing == .plain(.bytes, channels: 3))
        #expect(slide.configuration.input == .init(channels: 3, height: 16, width: 12))
        #expect(slide.labels.isEmpty)
        let tiny = try Model.load(KerasFixture.path("tiny.h5")).configuration
        #expect(tiny.preprocessing == .plain(.unit, channels: tiny.input.channels))
    }

    /// As the functions of keras.applications that are in them expect it, or with the constant first.
    @Test(arguments: ["tf", "torch", "caffe", "product", "difference"])
    func aNetworkThatPreparesImagesWantsBytes(_ mode: String) throws {
        let model = try Model.load(KerasFixture.path("prepared_\(mode).keras"))
        #expect(model.configuration.preprocessing == .plain(.bytes, channels: 3))
    }

    @Test(arguments: ["functions", "activations"])
    func aNetworkThatDoesNotWantsThemFromZeroToOne(_ name: String) throws {
        let file = try FileContents(path: KerasFixture.path("\(name).keras"))
        #expect(try !KerasReader.read(file).scalesPixels)
    }

    @Test func aFolderWithASidecarIsServed() throws {
        let bytes = try KerasFixture.bytes("slide.h5")
        let file = try FileContents(path: "slide.h5", contents: bytes)
        try withTemporaryFolder { folder in
            try Data(bytes).write(to: folder.appending(path: "slide.h5"))
            try Data("a\nb\nc\nd\ne\n".utf8).write(to: folder.appending(path: "labels.txt"))
            let config = """
                {"format_version": 1, "name": "slide", "version": "2", "architecture": "keras",
                 "input": {"channels": 3, "height": 16, "width": 12},
                 "preprocessing": {"resize": "center_crop", "crop_fraction": 1, "interpolation": "bilinear",
                   "color_order": "RGB", "units": "0-255", "mean": [0, 0, 0], "standard_deviation": [1, 1, 1]},
                 "weights": {"file": "slide.h5", "bytes": \(bytes.count), "sha256": "\(try file.bytes.sha256())"},
                 "labels": {"file": "labels.txt", "count": 5}}
                """
            try Data(config.utf8).write(to: folder.appending(path: "config.json"))
            #expect(try Model.load(folder.path).labels == ["a", "b", "c", "d", "e"])
        }
    }

    /// Names of `.keras` files' groups, from keras.src.utils.naming.to_snake_case.
    @Test(arguments: [
        ("Conv2D", "conv2d"), ("DepthwiseConv2D", "depthwise_conv2d"), ("Conv2DTranspose", "conv2d_transpose"),
        ("PReLU", "p_re_lu"), ("BatchNormalization", "batch_normalization"), ("ELU", "elu"),
    ])
    func storageNamesAreKeras(_ className: String, _ expected: String) {
        #expect(KerasLayerClass.storageName(className) == expected)
    }

    private func channelsLast(_ x: NumPyArray) -> [Float] {
        let (images, channels, pixels) = (x.shape[0], x.shape[1], x.shape[2] * x.shape[3])
        return (0..<images * pixels * channels).map { index in
            let (image, pixel, channel) = (index / (pixels * channels), index / channels % pixels, index % channels)
            return x.values[(image * channels + channel) * pixels + pixel]
        }
    }
}
