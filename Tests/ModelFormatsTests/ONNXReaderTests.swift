import Compute
import Foundation
import Network
import Testing

@testable import ModelFormats

struct ONNXReaderTests {
    private static let good = [
        "average_pool_ceil_dilated", "average_pool_excludes_padding", "average_pool_includes_padding",
        "batch_normalization_after_convolution",
        "batch_normalization_alone", "clip_of_constants", "clip_without_minimum", "convolution_depthwise",
        "convolution_dilation", "convolution_same_lower", "convolution_same_upper", "convolution_strides_pads_bias",
        "convolution_valid", "flatten_gemm_softmax", "gemm_scaled_not_transposed", "max_pool_ceil_dilated",
        "max_pool_pads", "pad_before_convolution", "pad_before_max_pool", "quantized_functions", "quantized_gemm",
        "quantized_pools", "quantized_qdq", "quantized_qoperator", "reshape_by_shape_arithmetic",
        "residual_with_identity_and_dropout", "resize_and_pad_axes_with_metadata",
    ]

    @Test(arguments: good) func outputsEqualONNXRuntimes(_ name: String) throws {
        let (x, expected) = (
            try NumPyArray(path: Fixture.path("\(name).x.npy")), try NumPyArray(path: Fixture.path("\(name).y.npy"))
        )
        let graph = try ONNXReader.read(Fixture.path("\(name).onnx"))
        for kernels in KernelTable.available {
            let plan = try Plan(graph, pool: ComputePool(threads: 1), kernels: KernelTable.select(named: kernels))
            #expect([2] + plan.outputShape == expected.shape)
            let found = try plan.run(input: channelsLast(x), images: 2, layers: [plan.outputName])[0]
            try #require(found.count == expected.values.count)
            for (index, (found, expected)) in zip(found, expected.values).enumerated() {
                #expect(
                    abs(found - expected) <= 1e-5 * max(1, abs(expected)),
                    "\(kernels), element \(index): found \(found), ONNX Runtime has \(expected)")
            }
        }
    }

    /// What rounds, the layers and the grids that their weights lie on; the same of both formats, and nothing else.
    @Test(arguments: ["quantized_qdq", "quantized_qoperator"])
    func `a quantised network is one of floats on grids`(_ name: String) throws {
        let graph = try ONNXReader.read(Fixture.path("\(name).onnx")).optimized()
        #expect(
            graph.nodes.map { "\($0.operation)" } == [
                "round to grid of 0.02137 from 128.0 to [0.0, 255.0]",
                name == "quantized_qdq" ? "convolution 3×3/1, ReLU" : "convolution 3×3/1",
                "round to grid of 0.01319 from 0.0 to [0.0, 255.0]", "max pool 3×3/2", "depthwise convolution 3×3/1",
                "round to grid of 0.01717 from 121.0 to [0.0, 255.0]", "convolution 1×1/1",
                "round to grid of 0.02903 from 119.0 to [0.0, 255.0]", "add",
                "round to grid of 0.04111 from 122.0 to [0.0, 255.0]", "dense",
            ])
        let layers = graph.nodes.compactMap { node -> (weights: Tensor, scales: Tensor?)? in
            switch node.operation {
            case .convolution(let layer): (layer.weights, layer.weightScales)
            case .dense(let layer): (layer.weights, layer.weightScales)
            default: nil
            }
        }
        #expect(layers.map { $0.scales?.shape } == [[6], [6], [6], [4]])
        for layer in layers {
            let scales = try #require(layer.scales).values
            let outputs = layer.weights.count / scales.count
            for (index, weight) in layer.weights.values.enumerated() {
                let multiple = weight / scales[index / outputs]
                #expect(abs(multiple) <= 127.001 && abs(multiple - multiple.rounded()) < 1e-4, "\(multiple)")
            }
        }
    }

    /// What each broken or unsupported file's error must mention.
    @Test(arguments: [
        ("unknown_operator", ["GridSample", "Conv"]), ("cycle", ["Add_a", "'b'"]),
        ("missing_weights", ["Conv_y", "nowhere"]), ("short_weights", ["'w'", "108", "107"]),
        ("huge_weights", ["'w'", "1099511627776"]),
        ("external_weights", ["external data", "../../etc/passwd", "folder"]),
        ("wrong_channels", ["Conv_y", "3", "5"]),
        ("two_inputs", ["inputs", "2"]),
        ("runtime_operator", ["FusedConv_r", "'FusedConv' of domain 'com.microsoft'", "QGemm, QLinearAdd"]),
        ("unknown_extent", ["'x'", "height"]),
    ])
    func errorsNameFileAndPlace(_ name: String, _ words: [String]) {
        let path = Fixture.path("bad_\(name).onnx")
        #expect { _ = try ONNXReader.read(path) } throws: { error in
            (["bad_\(name).onnx"] + words).allSatisfy("\(error)".contains)
        }
    }

    @Test func damagedFilesAreErrorsOrGraphsButNeverACrash() throws {
        for name in [
            "reshape_by_shape_arithmetic", "batch_normalization_after_convolution", "clip_of_constants",
            "quantized_qdq", "quantized_qoperator",
        ] {
            let bytes = try Fixture.bytes("\(name).onnx")
            var refused = 0
            Fixture.damaged(bytes, flips: 3000) { bytes in
                do {
                    _ = try ONNXReader.read(try FileContents(path: "damaged.onnx", contents: bytes)).optimized()
                } catch { refused += 1 }
            }
            #expect(refused > bytes.count / 2, "\(name): only \(refused) damaged files were noticed")
        }
    }

    @Test func `weights are on a grid of 8 bits where they are whole multiples that fit`() throws {
        let cases: [([Float], Bool)] = [
            ([1, -128, 127], true), ([0.4, 1, 2], false), ([1, 2, 128], false), ([.nan, 1, 2], false),
        ]
        for (multiples, isGrid) in cases {
            let tensor = try Tensor(shape: [3, 1], values: multiples)
            let scales = try Tensor(shape: [], values: [0.5])
            #expect((ONNXWeightGrid(multiples: tensor, scales: scales, axis: 0) != nil) == isGrid, "\(multiples)")
        }
    }

    private func channelsLast(_ x: NumPyArray) -> [Float] {
        let (channels, pixels) = (x.shape[1], x.shape[2] * x.shape[3])
        return (0..<x.values.count).map { index in
            let (image, rest) = index.quotientAndRemainder(dividingBy: channels * pixels)
            let (pixel, channel) = rest.quotientAndRemainder(dividingBy: channels)
            return x.values[(image * channels + channel) * pixels + pixel]
        }
    }
}
