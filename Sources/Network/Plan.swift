import Compute
import Synchronization

/// A graph made ready to run: rewritten, its weights packed for this CPU, its memory planned.
///
/// Immutable but for a cache of memory; any number of threads may run it at the same time.
public final class Plan: Sendable {
    /// One step of the network, as users see it.
    public struct Layer: Sendable {
        /// The node's name; that of the convolution where several nodes became one.
        public let name: String
        /// In words.
        public let operation: String
        /// `[C, H, W]` or `[K]`.
        public let outputShape: [Int]
        public let parameters: Int
        /// For one image.
        public let multiplyAdds: Int
        /// The microkernel; empty where there is only one.
        public let kernel: String
        let value: Int
    }

    struct Step: Sendable {
        let kernel: Kernel
        let inputs: [Int]
        let output: Int
        /// The layers that it computes, the last one its own.
        let layers: Range<Int>
        /// Whether it is left out where nobody asks for its value: a later step computes it once more on its way.
        let isOptional: Bool
    }

    /// The input tensor's name in the model file.
    public let inputName: String
    /// `[C, H, W]`
    public let inputShape: [Int]
    /// The output tensor's name in the model file.
    public let outputName: String
    /// Of one image.
    public let outputShape: [Int]
    /// In the order they run.
    public let layers: [Layer]
    /// Whether the network answers probabilities instead of logits.
    public let endsInSoftmax: Bool
    /// What the classifier reads: an image as a vector of features. `nil` where the last layer with weights is not
    /// dense (a convolution, say), or reads the network's input.
    public let classifierInput: Layer?
    /// Of the graph as it was given, statistics of batch normalisations not counted.
    public let parameterCount: Int
    /// For one image.
    public let multiplyAdds: Int

    /// On how many threads it runs.
    public var threads: Int { pool.threads }
    /// What its weights take, and the memory that stays allocated once runs of one image went beside one another, about.
    public var bytes: Int {
        let workspace = layout(for: [outputValue]).count(images: 1)
        // Those left out share their weights with the step that computes them on its way.
        let packed = steps.reduce(parameterCount) { $0 + ($1.isOptional ? 0 : $1.kernel.extraWeightCount) }
        return MemoryLayout<Float>.stride * (packed + Layout.idleWorkspaces * workspace)
    }

    public let options: PlanOptions
    /// What computes.
    public let kernels: KernelTable
    let pool: ComputePool
    let steps: [Step]
    /// The floats of memory of each value; value 0 is the input, value `i + 1` the output of step `i`.
    let counts: [Int]
    /// Of the values that are bytes.
    let grids: [Int: QuantizationGrid]
    /// The values that are bfloat16 numbers.
    let rounded: Set<Int>
    /// Steps before it run image by image, the others once for the whole batch.
    let wholeBatchStart: Int
    /// Whether all images have to lie one after another: a whole batch is read at once, or is itself the answer.
    private let readsInputAsBatch: Bool
    private let outputValue: Int
    private let shapes: [[Int]]
    private let layouts = Mutex<[Set<Int>: Layout]>([:])

    /// The entries of all convolutions' tables of input pixels, 1 GiB. VGG-16 has 5 million.
    private static let largestTables = 1 << 28

    /// Compiles `graph` for `kernels`; runs will use the threads of `pool`.
    ///
    /// Packed weights take as much memory as the graph's. Where the graph is given away (`consume`) and nobody else has its
    /// tensors, each layer's are let go as soon as they are packed.
    ///
    /// - Throws: ``GraphError`` where the graph is not valid, a kernel cannot run a layer, a layer that is not the output
    ///   has the output's name, or a run would need more than 4 GiB of memory.
    public init(
        _ graph: consuming Graph, pool: ComputePool, kernels: KernelTable, options: PlanOptions = PlanOptions()
    ) throws(GraphError) {
        parameterCount = graph.nodes.reduce(0) { $0 + $1.operation.parameterCount }
        var optimized = graph
        try optimized.optimize()
        let shapeOf = try optimized.shapes()
        var (steps, layers, values) = ([Step](), [Layer](), [optimized.input: 0])
        var shapes = [optimized.inputShape]
        var tableEntries = 0
        endsInSoftmax = optimized.nodes.last.map { if case .softmax = $0.operation { true } else { false } } ?? false
        let (blocks, roundings) = (optimized.separableBlocks(), optimized.roundedLayers())
        let halves = optimized.roundedValues(shapeOf, blocks: blocks, options: options)
        // Of the values that are bytes.
        var grids: [Int: QuantizationGrid] = [:]
        while steps.count < optimized.nodes.count {
            let first = steps.count
            var range = blocks[first] ?? first..<first + 1
            var quantized: Kernel.Quantized?
            do {
                // A layer and the rounding after it; else the layer alone.
                for grid in roundings[first].map({ [$0, nil] }) ?? [nil] where quantized == nil && range.count == 1 {
                    let node = optimized.nodes[first]
                    let inputs = node.inputs.compactMap { values[$0] }
                    quantized = try Kernel.quantized(
                        node.operation, inputs: inputs.map { shapes[$0] }, grids: inputs.map { grids[$0] },
                        rounded: grid, kernels: kernels)
                    if quantized != nil, grid != nil { range = first..<first + 2 }
                }
            } catch {
                throw optimized.nodes[first].error("\(error)")
            }
            let nodes = range.map { optimized.takeNode(at: $0) }
            var block: SeparableBlock?
            if nodes.count > 1, quantized == nil {
                do {
                    block = try SeparableBlock(
                        nodes, input: shapes[values[nodes[0].inputs[0], default: 0]], precision: options.precision,
                        formats: optimized.formats(of: nodes, rounded: halves), kernels: kernels)
                } catch {
                    throw nodes[0].error("\(error)")
                }
            }
            for (position, node) in nodes.enumerated() {
                let isLast = position == nodes.count - 1
                // A block reads its own input, and what its last layer adds; a rounded layer what it would read without.
                let added = isLast && block != nil ? node.inputs.dropFirst() : []
                let read = nodes.count == 1 ? node.inputs : nodes[0].inputs + added
                let inputs = read.compactMap { values[$0] }
                guard let shape = shapeOf[node.output], inputs.count == read.count else {
                    throw node.error("it reads a value that no earlier node makes")
                }
                guard node.name != optimized.outputName || node.output == optimized.output else {
                    throw node.error("it has the name of the network's output, which it is not; rename one of them")
                }
                tableEntries += node.operation.tableEntries(output: shape)
                guard tableEntries <= Self.largestTables else {
                    throw node.error(
                        "with those before it, it needs tables of more than \(Self.largestTables) input pixels")
                }
                var kernel: Kernel
                let value = steps.count + 1
                do {
                    if let quantized, let found = isLast ? quantized.kernel : quantized.kernel.writingFloats {
                        kernel = found
                        if isLast { grids[value] = quantized.grid }
                    } else {
                        kernel =
                            try block.map { .separable($0, to: $0.stages[position]) }
                            ?? Kernel(
                                node.operation, inputs: inputs.map { shapes[$0] }, output: shape, kernels: kernels,
                                options: options, formats: optimized.formats(of: [node], rounded: halves))
                        if inputs.contains(where: { grids[$0] != nil }) {
                            kernel = .dequantized(
                                DequantizedInputs(
                                    kernel, shapes: inputs.map { shapes[$0] }, grids: inputs.map { grids[$0] },
                                    output: shape.reduce(1, *), kernels: kernels))
                        }
                    }
                } catch {
                    throw node.error("\(error)")
                }
                values[node.output] = value
                shapes.append(shape)
                steps.append(
                    Step(
                        kernel: kernel, inputs: inputs, output: value,
                        layers: (isLast ? first : value - 1)..<value, isOptional: !isLast))
                layers.append(
                    Layer(
                        name: node.name, operation: node.operation.description, outputShape: shape,
                        parameters: node.operation.parameterCount,
                        // Rounding has none of its own: those of the layer count once.
                        multiplyAdds: quantized != nil && position > 0 ? 0 : kernel.multiplyAdds,
                        kernel: kernel.name, value: value))
            }
        }
        (inputName, inputShape) = (optimized.inputName, optimized.inputShape)
        outputName = optimized.outputName
        outputValue = values[optimized.output] ?? 0
        outputShape = shapes[outputValue]
        let classifier = steps.last { $0.kernel.multiplyAdds > 0 }
        classifierInput = classifier.flatMap { step in
            guard step.kernel.isDense else { return nil }
            return layers.first { $0.value == step.inputs[0] }
        }
        multiplyAdds = try optimized.sum(of: layers.map(\.multiplyAdds), "multiply-adds")
        wholeBatchStart = steps.firstIndex { $0.kernel.takesWholeBatch } ?? steps.count
        readsInputAsBatch = outputValue == 0 || steps[wholeBatchStart...].contains { $0.inputs.contains(0) }
        let rounded = Set(halves.compactMap { values[$0] })
        counts = shapes.enumerated().map { value, shape in
            if grids[value] != nil { return FeatureMap(shape).byteFloats }
            return (rounded.contains(value) ? NumberFormat.bfloat16 : .float32).floats(shape.reduce(1, *))
        }
        (self.grids, self.rounded) = (grids, rounded)
        (self.pool, self.kernels, self.options, self.steps) = (pool, kernels, options, steps)
        (self.layers, self.shapes) = (layers, shapes)
        guard layout(for: [outputValue]).fits(images: 1) else {
            throw GraphError(
                node: outputName, operation: "output",
                reason: "\(pool.threads) threads need more than \(Layout.largestWorkspace) numbers of memory; "
                    + "use fewer threads or a smaller input than \(inputShape)")
        }
    }

    /// Runs the network.
    ///
    /// - Parameters:
    ///   - input: `images × H × W × C` floats.
    ///   - names: the layers wanted; the network's answer goes by ``outputName``.
    /// - Returns: for each name, `images` times its floats, a map's in C, H, W order. Bit for bit the same for an image
    ///   alone and in any batch, on any number of threads.
    public func run(input: [Float], images: Int, layers names: [String]) throws(RunError) -> [[Float]] {
        guard images > 0 else { throw .noImages(found: images) }
        guard input.count.isMultiple(of: counts[0]), input.count / counts[0] == images else {
            throw .inputCount(images: images, numbers: counts[0], found: input.count)
        }
        var wanted: [Int] = []
        for name in names { wanted.append(try value(named: name)) }
        return try input.withUnsafeBufferPointer { input throws(RunError) in
            guard let start = input.baseAddress else { return [] }
            return try run((0..<images).map { start + $0 * counts[0] }, wanted: wanted, pool: pool)
        }
    }

    /// Runs the network on images that lie apart in memory, `H × W × C` floats each.
    ///
    /// - Parameters:
    ///   - allBegun: called on one of the threads, where each takes whole images, when none is left to begin with: another
    ///     run would not disturb this one. Not called where all threads work on one image until the end.
    /// - Returns: as ``run(input:images:layers:)``.
    public func run(
        _ images: [[Float]], layers names: [String], allBegun: @escaping () -> Void = {}
    ) throws(RunError) -> [[Float]] {
        guard !images.isEmpty else { throw .noImages(found: 0) }
        if let wrong = images.first(where: { $0.count != counts[0] }) {
            throw .inputCount(images: 1, numbers: counts[0], found: wrong.count)
        }
        // Layers that take the whole batch need it in one piece.
        if images.count > 1, readsInputAsBatch {
            return try run(input: Array(images.joined()), images: images.count, layers: names)
        }
        var wanted: [Int] = []
        for name in names { wanted.append(try value(named: name)) }
        return try withPointers(to: images[...], []) { pointers throws(RunError) in
            try run(pointers, wanted: wanted, pool: pool, allBegun: allBegun)
        }
    }

    /// Runs the network on one image on the calling thread alone and leaves the pool to others.
    ///
    /// - Parameters:
    ///   - image: `H × W × C` floats.
    ///   - betweenLayers: called before each layer: a place to give way to others.
    /// - Returns: the layer's floats, as ``run(input:images:layers:)``.
    public func runAside(
        _ image: [Float], layer: String, betweenLayers: @escaping () -> Void = {}
    ) throws(RunError) -> [Float] {
        guard image.count == counts[0] else {
            throw .inputCount(images: 1, numbers: counts[0], found: image.count)
        }
        let wanted = [try value(named: layer)]
        return try withPointers(to: [image], []) { pointers throws(RunError) in
            try run(pointers, wanted: wanted, pool: nil, betweenLayers: betweenLayers)
        }[0]
    }

    private func run(
        _ images: [UnsafePointer<Float>], wanted: [Int], pool: ComputePool?,
        betweenLayers: @escaping () -> Void = {}, allBegun: @escaping () -> Void = {}
    ) throws(RunError) -> [[Float]] {
        let layout = layout(for: Set(wanted))
        guard layout.fits(images: images.count) else {
            throw .tooLarge(images: images.count, limit: Layout.largestWorkspace)
        }
        return images.withUnsafeBufferPointer { inputs in
            guard let inputs = inputs.baseAddress else { return [] }
            return layout.withWorkspace(images: images.count) { workspace in
                let run = Execution(
                    plan: self, layout: layout, workspace: workspace, inputs: inputs, images: images.count, pool: pool,
                    betweenLayers: betweenLayers, allBegun: allBegun)
                run.callAsFunction()
                return wanted.map { run.result(value: $0, shape: shapes[$0]) }
            }
        }
    }

    /// Arrays lend their memory one inside the other.
    private func withPointers(
        to images: ArraySlice<[Float]>, _ found: [UnsafePointer<Float>],
        _ body: ([UnsafePointer<Float>]) throws(RunError) -> [[Float]]
    ) throws(RunError) -> [[Float]] {
        guard let image = images.first else { return try body(found) }
        return try image.withUnsafeBufferPointer { image throws(RunError) in
            guard let start = image.baseAddress else { return [] }
            return try withPointers(to: images.dropFirst(), found + [start], body)
        }
    }

    private func value(named name: String) throws(RunError) -> Int {
        if name == outputName { return outputValue }
        guard let layer = layers.first(where: { $0.name == name }) else {
            throw .unknownLayer(name, output: outputName)
        }
        return layer.value
    }

    /// The layout for these values; the few that are asked for again and again are kept.
    func layout(for wanted: Set<Int>) -> Layout {
        layouts.withLock { layouts in
            if let layout = layouts[wanted] { return layout }
            let layout = Layout(
                counts: counts,
                steps: steps.map {
                    Layout.Step(
                        inputs: $0.inputs, scratch: $0.kernel.scratchCount(threads: pool.threads),
                        isOptional: $0.isOptional)
                },
                wholeBatchStart: wholeBatchStart, wanted: wanted, threads: pool.threads)
            if layouts.count >= 4 { layouts.removeAll() }
            layouts[wanted] = layout
            return layout
        }
    }
}
