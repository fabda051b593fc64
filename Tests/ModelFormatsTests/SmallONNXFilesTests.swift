import Compute
import Foundation
import Network
import Testing

@testable import ModelFormats

/// Small files that once took gigabytes, minutes or the process, or were answered wrongly: those of Tests/Fixtures/fuzz/onnx.
struct SmallONNXFilesTests {
    private static func path(_ name: String) -> String {
        Fixture.folder.deletingLastPathComponent().appending(path: "fuzz/onnx/\(name).onnx").path
    }

    @Test(arguments: [
        ("gemm", ["Gemm", "transA"]), ("rank", ["Add", "same for all images"]), ("rank2", ["Mul", "equal rank"]),
        ("pad_axes", ["Pad", "axes"]), ("matmul", ["MatMul", "operations"]), ("nearest", ["Resize", "bogus"]),
    ])
    func areRefused(_ name: String, _ words: [String]) {
        #expect { _ = try ONNXReader.read(Self.path(name)) } throws: { error in
            (["\(name).onnx"] + words).allSatisfy("\(error)".contains)
        }
    }

    /// A convolution's table of input pixels would take 8 GiB.
    @Test func aTableOfGigabytesIsRefusedByThePlan() throws {
        let graph = try ONNXReader.read(Self.path("table"))
        #expect(throws: GraphError.self) { try Plan(graph, pool: ComputePool(threads: 1), kernels: .selected) }
    }

    @Test func aMatrixOfManyNumbersIsNotWritten() throws {
        var graph = Graph(inputShape: [1 << 12])
        let taps = Array(repeating: ResamplingTaps(indices: [0], weights: [1]), count: 1 << 13)
        graph.append("resize", .resample(axis: 0, taps), graph.input)
        #expect { try ONNXWriter.serialize(graph, producerVersion: "1") } throws: { "\($0)".contains("matrix") }
    }

    /// What a resize of several axes holds between them was 2⁴⁵ numbers: the axes that shrink come first.
    @Test func aResizeTakesTheSmallWayFirst() throws {
        let graph = try ONNXReader.read(Self.path("resize_run"))
        #expect(try graph.shapes().values.allSatisfy { $0.reduce(1, *) <= 1 << 26 })
        #expect(try graph.shapes()[graph.output] == [1, 8192, 8192])
    }

    /// 400 transpositions of a megabyte each took 69 MB of tables a node.
    @Test func transpositionsNeedNoTables() throws {
        let graph = try ONNXReader.read(Self.path("transposes"))
        let before = try residentBytes()
        let plan = try Plan(graph, pool: ComputePool(threads: 1), kernels: .selected)
        #expect(try residentBytes() - before < 100 << 20)
        #expect(plan.outputShape == graph.inputShape)
    }

    /// As float32 has it, and PyTorch.
    @Test func tenTimesSevenTenthsIsSeven() throws {
        let graph = try ONNXReader.read(Self.path("resize07"))
        #expect(try graph.shapes()[graph.output] == [1, 7, 7])
    }

    /// 4099², which no float32 is, is an extent.
    @Test func arithmeticOnShapesIsExact() throws {
        _ = try ONNXReader.read(Self.path("mul"))
    }

    @Test func anInputThatIsNoImageIsRefusedByTheModel() throws {
        try withTemporaryFolder { folder in
            var model = HandmadeONNX(inputShape: [3])
            model.node("Relu", ["x"], "y")
            let path = folder.appending(path: "vector.onnx").path
            try Data(model.bytes).write(to: URL(filePath: path))
            #expect { try Model.load(path) } throws: { "\($0)".contains("images, [N, C, H, W]") }
        }
    }

    /// Images that lie apart in memory, answered by a network that does nothing.
    @Test func aNetworkThatDoesNothingAnswersEachImageItself() throws {
        let graph = try ONNXReader.read(Self.path("identity"))
        let plan = try Plan(graph, pool: ComputePool(threads: 2), kernels: .selected)
        let count = plan.inputShape.reduce(1, *)
        let images = (0..<5).map { [Float](repeating: Float($0), count: count) }
        let found = try plan.run(images, layers: [plan.outputName])[0]
        #expect(found == images.flatMap { $0 })
    }

    /// As ONNX Runtime's converter to float16 writes them.
    @Test func nodesInAnotherOrderThanTheyRunAreSorted() throws {
        var model = HandmadeONNX(inputShape: [3, 2, 2])
        model.node("Abs", ["b"], "y")
        model.node("Neg", ["a"], "b")
        model.node("Relu", ["x"], "a")
        let graph = try ONNXReader.read(try model.file())
        #expect(graph.nodes.map(\.operation.description) == ["activation, ReLU", "negate", "absolute"])
    }

    private func residentBytes() throws -> Int {
        let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        return (Int(text.split(separator: " ")[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
