import Compute
import ModelFormats
import Network

extension FuzzTarget {
    /// Reads a file of these bytes, and makes and runs what is small, as a server does before the first request.
    func readModel(_ bytes: [UInt8]) throws {
        switch self {
        case .onnx: try Self.run(try Model.load(bytes, path: "nowhere/fuzz.onnx"))
        case .keras: try Self.run(try Model.load(bytes, path: "fuzz.keras"))
        case .npy: _ = try NumPyArray(bytes, name: "fuzz.npy").serialized()
        case .safetensors:
            let file = try SafetensorsFile(bytes, name: "fuzz.safetensors")
            try Self.read(file.shapes, from: file)
        case .pytorch:
            let file = try PyTorchFile(bytes, name: "fuzz.pth")
            try Self.read(file.shapes, from: file)
        default: return
        }
    }

    /// Every tensor, as a network would ask for it, and a network of them.
    private static func read(_ shapes: [String: [Int]], from source: some TensorSource) throws {
        for (name, shape) in shapes { _ = try? source.tensor(name, shape: shape).values }
        try run(try SlideConvnet().graph(weights: source, inputShape: [1, 28, 28]))
    }

    private static func run(_ model: Model) throws {
        let (input, metadata) = (model.configuration.input, model.metadata)
        guard model.graph.inputShape == [input.channels, input.height, input.width],
            [0, try model.graph.shapes()[model.graph.output, default: []].reduce(1, *)].contains(metadata.labels.count)
        else { fatalError("the model contradicts itself: \(model.configuration)") }
        try run(model.graph)
    }

    /// What a plan packs and runs is limited, that time goes to reading.
    private static let (nodeLimit, valueLimit, multiplyAddLimit) = (100, 1 << 18, 1 << 20)

    private static func run(_ graph: Graph) throws {
        let shapes = try graph.shapes()
        let numbers = shapes.values.reduce(0) { $0 + $1.reduce(1, *) }
        guard graph.nodes.count <= nodeLimit, numbers <= valueLimit else { return }
        let plan = try Plan(graph, pool: ComputePool(threads: 1), kernels: .selected)
        guard plan.multiplyAdds <= multiplyAddLimit else { return }
        let image = [Float](repeating: 0.5, count: plan.inputShape.reduce(1, *))
        // Alone, as the first run is, and two at a time, as a server's are.
        _ = try plan.runAside(image, layer: plan.outputName)
        _ = try plan.run([image, image], layers: [plan.outputName])
    }
}
