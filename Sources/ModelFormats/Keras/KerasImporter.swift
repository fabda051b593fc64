import Compute
import Network

/// Turns a Keras model into a ``Graph``, layer by layer.
///
/// Keras' arrays are `[N, H, W, C]`, ours `[C, H, W]` for each image: a map's axes are renamed, and its numbers moved only
/// where Keras reads them in their order (``flatten(_:_:)``, ``reshape(_:_:)``). Arrays of other ranks keep their axes.
struct KerasImporter {
    /// An array on its way: `[C, H, W]` where it has three axes.
    struct Value {
        var id: Graph.ValueID
        var shape: [Int]
        var isMap: Bool { shape.count == 3 }
    }

    typealias Argument = KerasArgument<Value>

    let model: KerasModel
    var graph: Graph
    /// Whether the first layer scales pixels, so that the network wants them from 0 to 255.
    var scalesPixels = false
    /// What holds nothing but the image's numbers: the input, and its channels in another order.
    var pixels: Set<Graph.ValueID>
    /// The type of the input's numbers, `float32` for example, where its layer says it.
    let pixelType: String?
    private var layerNames = LayerNames()
    var budget: ConstantBudget
    private var steps = 0

    /// Of layers' calls and their arguments: a network of networks of networks is small in the file.
    private static let stepLimit = 1 << 16
    private static let extentLimit = 1 << 16

    init(_ model: KerasModel) throws(ModelFormatError) {
        self.model = model
        budget = ConstantBudget(model.file, limit: nil)
        guard let (input, type) = Self.input(model.network["config"], depth: 0) else {
            throw model.file.malformed("model", expected: "an input's batch_shape", found: "none")
        }
        let extents = input.dropFirst().compactMap(\.integer)
        let found = "batch_shape \(JSONValue.array(input))"
        guard input.count == 4, extents.count == 3 else {
            throw model.file.unsupported(
                "input", found: found, supported: "images [null, height, width, channels] of a fixed size")
        }
        guard extents.allSatisfy({ (1...Self.extentLimit).contains($0) }),
            extents.reduce(1, *) <= ONNXImporter.elementLimit
        else {
            throw model.file.unsupported(
                "input", found: found,
                supported:
                    "extents from 1 to \(Self.extentLimit), and at most \(ONNXImporter.elementLimit) numbers an image")
        }
        graph = Graph(inputShape: [extents[2], extents[0], extents[1]])
        pixels = [graph.input]
        pixelType = type
    }

    /// Of the first layer that says its shape.
    private static func input(_ config: JSONValue, depth: Int) -> (shape: [JSONValue], type: String?)? {
        guard depth < KerasNetwork.depthLimit else { return nil }
        for layer in (config["layers"].array ?? config.array ?? []).prefix(1) {
            let shapes = [layer["config"]["batch_shape"], layer["config"]["batch_input_shape"]]
            if let shape = shapes.compactMap(\.array).first { return (shape, layer["config"]["dtype"].string) }
            if let input = input(layer["config"], depth: depth + 1) { return input }
        }
        return config["build_input_shape"].array.map { ($0, nil) }
    }

    mutating func importGraph() throws(ModelFormatError) -> Graph {
        let whole = try KerasLayer(model.network, of: model.file, depth: 0) { $0 }
        guard let network = whole.network else {
            throw model.file.unsupported("model", found: "\(model.network)", supported: "Sequential, Functional")
        }
        let input = Value(id: graph.input, shape: graph.inputShape)
        graph.output = try run(network, of: whole, on: input, weights: model.weights).id
        return graph
    }

    private mutating func run(
        _ network: KerasNetwork, of layer: KerasLayer, on input: Value, weights: KerasWeights
    ) throws(ModelFormatError) -> Value {
        var values = [network.input: input]
        for call in network.calls {
            // Each argument may become a node.
            steps += 1 + call.arguments.count
            guard steps <= Self.stepLimit else {
                throw layer.unsupported(
                    "layers", found: "more than \(Self.stepLimit) calls and arguments of layers",
                    supported: "at most as many")
            }
            var arguments: [Argument] = []
            for argument in call.arguments {
                switch argument {
                case .constant(let numbers, let rank): arguments.append(.constant(numbers, rank: rank))
                case .ellipsis: arguments.append(.ellipsis)
                case .value(let reference):
                    guard let value = values[reference] else {
                        throw call.layer.malformed(
                            "inbound_nodes", expected: "a layer of the network", found: reference.layer.quoted)
                    }
                    arguments.append(.value(value))
                }
            }
            if let inner = call.layer.network {
                guard arguments.count == 1, case .value(let first) = arguments[0] else {
                    throw call.layer.unsupported(
                        "inbound_nodes", found: "\(arguments.count) inputs", supported: "networks with one input")
                }
                values[call.result] = try run(
                    inner, of: call.layer, on: first, weights: try weights.network(call.layer))
            } else {
                var reader = KerasVariables(layer: call.layer, objects: try weights.variables(of: call.layer))
                values[call.result] = try run(call.layer, arguments, &reader)
            }
        }
        guard let output = values[network.output] else {
            throw layer.malformed(
                "output_layers", expected: "a layer of the network", found: network.output.layer.quoted)
        }
        return output
    }

    /// Adds a node called as its layer, with a number where that name is taken.
    mutating func append(
        _ layer: KerasLayer, _ operation: Operation, _ inputs: [Value], shape: [Int]
    ) throws(ModelFormatError) -> Value {
        guard let count = try? Tensor.elementCount(of: shape), (1...ONNXImporter.elementLimit).contains(count) else {
            throw layer.unsupported(
                "output", found: "shape \(shape)", supported: "1 to \(ONNXImporter.elementLimit) elements an image")
        }
        let id = graph.append(layerNames.unique(layer.name), operation, inputs: inputs.map(\.id))
        return Value(id: id, shape: shape)
    }

    /// A fixed array, under a shape of as many elements; a map's is `[C, H, W]`.
    mutating func constant(
        _ layer: KerasLayer, _ tensor: Tensor, shape: [Int]
    ) throws(ModelFormatError) -> Value {
        guard let shaped = try? tensor.reshaped(shape) else {
            throw layer.malformed("weights", expected: "shape \(shape)", found: "shape \(tensor.shape)")
        }
        return try append(layer, .constant(shaped), [], shape: shape)
    }

    /// A copy of `values`, which are no more than a layer has channels.
    func tensor(_ layer: KerasLayer, _ values: [Float]) throws(ModelFormatError) -> Tensor {
        do {
            return try Tensor(shape: [values.count], values: values)
        } catch {
            throw layer.malformed("weights", expected: "a vector", found: "\(error)")
        }
    }

    /// The next of the layer's weights; throws where there is none or its shape is another, before it is read.
    mutating func weight(
        _ name: String, _ shape: [Int], _ variables: inout KerasVariables
    ) throws(ModelFormatError) -> Tensor {
        let dataset = try variables.next(name, shape: shape)
        // Every one counts, also one that several layers share: each packs it for itself.
        try budget.spend(dataset.shape.reduce(MemoryLayout<Float>.stride, *), for: variables.layer.location)
        return try dataset.tensor()
    }

    /// A kernel `[…, inputs, outputs]` as `[outputs, inputs, …]`.
    mutating func kernel(
        _ name: String, _ shape: [Int], as target: [Int], _ variables: inout KerasVariables
    ) throws(ModelFormatError) -> Tensor {
        let kernel = try weight(name, shape, &variables)
        do {
            return try kernel.outputsFirst(shape: target)
        } catch {
            throw variables.layer.malformed(name, expected: "shape \(target)", found: "\(error)")
        }
    }
}

/// A layer's weights, taken one after another.
struct KerasVariables {
    let layer: KerasLayer
    private var objects: ArraySlice<HDF5Object>

    init(layer: KerasLayer, objects: [HDF5Object]) {
        self.layer = layer
        self.objects = objects[...]
    }

    mutating func next(_ name: String, shape: [Int]) throws(ModelFormatError) -> HDF5Dataset {
        guard let object = objects.popFirst() else {
            throw layer.malformed("weight '\(name)'", expected: "shape \(shape)", found: "no such dataset")
        }
        let dataset = try HDF5Dataset(object)
        guard dataset.shape == shape else {
            throw layer.malformed("weight '\(name)'", expected: "shape \(shape)", found: "shape \(dataset.shape)")
        }
        return dataset
    }
}

extension Tensor {
    /// Keras' kernels are `[height, width, a, b]` or `[a, b]`, ours `[b, a, height, width]` or `[b, a]`.
    ///
    /// - Parameter shape: of the result.
    fileprivate func outputsFirst(shape: [Int]) throws(TensorError) -> Tensor {
        let outputs = max(1, shape.first ?? 1)
        let rows = count / outputs
        let inputs = shape.count > 1 ? max(1, shape[1]) : 1
        let positions = rows / max(1, inputs)
        guard try Self.elementCount(of: shape) == count, outputs * inputs * positions == count else {
            throw .countMismatch(shape: shape, expected: outputs * rows, found: count)
        }
        // Blocks of rows stay in the cache while their columns are read: VGG-16's 411 MB would be fetched sixteen times.
        let block = 64
        return try unsafe Tensor(shape: shape) { target in
            unsafe withUnsafeBufferPointer { source in
                for start in stride(from: 0, to: rows, by: block) {
                    for output in 0..<outputs {
                        for row in start..<min(rows, start + block) {
                            let (position, input) = (row / inputs, row % inputs)
                            unsafe target[(output * inputs + input) * positions + position] =
                                source[row * outputs + output]
                        }
                    }
                }
            }
        }
    }
}
