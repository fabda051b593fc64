import Compute

extension Operation {
    /// What the operation makes of inputs of these shapes, of one image.
    ///
    /// - Parameter name: the node's, for errors.
    /// - Throws: ``GraphError`` where the inputs do not fit the operation, or the output would be larger than 1 GiB.
    public func outputShape(of inputs: [[Int]], node name: String) throws(GraphError) -> [Int] {
        var graph = Graph(inputShape: [1])
        let values = inputs.map { _ in graph.input }
        graph.append(name, self, inputs: values)
        let node = graph.nodes[0]
        guard inputCount.contains(inputs.count) else {
            throw node.error("it needs \(inputCount.lowerBound) inputs, found \(inputs.count)")
        }
        let shape = try node.outputShape(inputs)
        guard shape.count <= Graph.largestRank, Graph.isReasonable(shape) else {
            throw node.error("its output of shape \(shape) is empty or larger than \(Graph.largestValue) numbers")
        }
        return shape
    }

    /// Computes the operation on constants, on the calling thread.
    ///
    /// - Throws: ``GraphError`` where the inputs do not fit the operation, or a kernel cannot run it.
    public func evaluate(_ inputs: [Tensor], node name: String, kernels: KernelTable) throws(GraphError) -> Tensor {
        let shapes = inputs.map(\.shape)
        let shape = try outputShape(of: shapes, node: name)
        do {
            let kernel = try Kernel(
                self, inputs: shapes, output: shape, kernels: kernels, options: PlanOptions(isExact: true))
            let arrays = inputs.map { ConstantArray($0) }
            let count = shape.reduce(1, *)
            let scratch = UnsafeMutablePointer<Float>.allocate(capacity: kernel.scratchCount(threads: 1))
            defer { scratch.deallocate() }
            let result = [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
                initialized = count
                guard let start = buffer.baseAddress else { return }
                kernel.run(
                    { arrays[$0].pointer }, to: start, hasSecond: inputs.count > 1, images: 1, pool: nil
                ) { _ in scratch }
            }
            let logical = try Rearrangement(reshaping: shape, to: [count])
            return try Tensor(shape: shape) { target in
                guard let start = target.baseAddress else { return }
                result.withUnsafeBufferPointer { source in
                    guard let source = source.baseAddress else { return }
                    logical.run(input: source, output: start, images: 1, pool: nil)
                }
            }
        } catch {
            throw GraphError(node: name, operation: description, reason: "\(error)")
        }
    }
}

extension Operation {
    /// The input pixels that a convolution's table lists, for an output of this shape.
    func tableEntries(output: [Int]) -> Int {
        let window: Window
        switch self {
        case .convolution(let convolution): window = convolution.window
        case .transposedConvolution(let convolution): window = convolution.window
        default: return 0
        }
        // The weights lie in memory, so a window has at most 2^30 elements, and the pixels are at most 2^28: no overflow.
        return output.dropFirst().reduce(window.kernelHeight * window.kernelWidth, *)
    }
}
