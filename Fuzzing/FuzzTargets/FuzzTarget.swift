import Compute
import ModelFormats
import Network

/// A reader of a file format that bytes of any kind are fed to: it may throw, but neither crash nor take much memory.
///
/// A new one is a case here and in ``read(_:)``, and its seeds in `scripts/fuzz`.
public enum FuzzTarget: String, CaseIterable, Sendable {
    case onnx, safetensors, npy, pytorch, keras

    /// Reads a file of these bytes as far as a server would before the first request, and runs what is small.
    public func read(_ bytes: [UInt8]) throws {
        switch self {
        case .onnx: try Self.run(try ONNXReader.read(bytes, name: "nowhere/fuzz.onnx"))
        case .safetensors:
            let file = try SafetensorsFile(bytes, name: "fuzz.safetensors")
            try Self.read(file.shapes, from: file)
        case .npy: _ = try NumPyArray(bytes, name: "fuzz.npy").serialized()
        case .keras: try Self.run(try KerasReader.read(bytes, name: "fuzz.keras"))
        case .pytorch:
            let file = try PyTorchFile(bytes, name: "fuzz.pth")
            try Self.read(file.shapes, from: file)
        }
    }

    /// Every tensor, as a network would ask for it.
    private static func read(_ shapes: [String: [Int]], from source: some TensorSource) throws {
        for (name, shape) in shapes { _ = try? source.tensor(name, shape: shape).values }
    }

    /// What a plan packs and runs is limited, that time goes to reading.
    private static let (nodeLimit, valueLimit, multiplyAddLimit) = (100, 1 << 18, 1 << 20)

    private static func run(_ graph: Graph) throws {
        let shapes = try graph.shapes()
        let numbers = shapes.values.reduce(0) { $0 + $1.reduce(1, *) }
        guard graph.nodes.count <= nodeLimit, numbers <= valueLimit else { return }
        let plan = try Plan(graph, pool: ComputePool(threads: 1), kernels: .selected)
        guard plan.multiplyAdds <= multiplyAddLimit else { return }
        let input = [Float](repeating: 0.5, count: plan.inputShape.reduce(1, *))
        _ = try plan.run(input: input, images: 1, layers: [plan.outputName])
    }
}
