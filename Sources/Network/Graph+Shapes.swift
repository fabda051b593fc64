import Compute

extension Graph {
    /// The most floats that one value of one image may hold: 1 GiB. A graph that asks for more is refused before
    /// anything is allocated.
    static let largestValue = 1 << 28
    /// The most axes that an array of one image may have.
    static let largestRank = 8

    /// The shape of every value, of one image: `[C, H, W]` for a map, `[K]` for a vector, any other for another array.
    ///
    /// - Throws: ``GraphError`` where a node reads a value that no earlier node makes, its inputs do not fit its
    ///   weights or each other, or a value would be larger than 1 GiB.
    public func shapes() throws(GraphError) -> [ValueID: [Int]] {
        var shapes = [input: inputShape]
        guard inputShape.count <= Self.largestRank, Self.isReasonable(inputShape) else {
            throw GraphError(
                node: inputName, operation: "input",
                reason: "expected up to \(Self.largestRank) axes and 1 to \(Self.largestValue) numbers, found shape "
                    + "\(inputShape)")
        }
        var names: Set<String> = []
        for node in nodes {
            guard names.insert(node.name).inserted else { throw node.error("another node has the same name") }
            guard node.operation.inputCount.contains(node.inputs.count) else {
                throw node.error("it needs \(node.operation.inputCount.lowerBound) inputs, found \(node.inputs.count)")
            }
            var inputs: [[Int]] = []
            for value in node.inputs {
                guard let shape = shapes[value] else { throw node.error("it reads a value that no earlier node makes") }
                inputs.append(shape)
            }
            let shape = try node.outputShape(inputs)
            guard shape.count <= Self.largestRank, Self.isReasonable(shape) else {
                throw node.error("its output of shape \(shape) is empty or larger than \(Self.largestValue) numbers")
            }
            guard shapes.updateValue(shape, forKey: node.output) == nil else {
                throw node.error("its output is already made by another node")
            }
        }
        guard shapes[output] != nil else {
            throw GraphError(node: outputName, operation: "output", reason: "no node makes it")
        }
        return shapes
    }

    static func isReasonable(_ shape: [Int]) -> Bool {
        guard let count = try? Tensor.elementCount(of: shape) else { return false }
        return (1...largestValue).contains(count)
    }
}

extension Graph {
    /// The sum of a count of each node, or an error where it does not fit an `Int`: no machine would finish such a graph.
    func sum(of counts: [Int], _ what: String) throws(GraphError) -> Int {
        var sum = 0
        for count in counts {
            let (next, overflow) = sum.addingReportingOverflow(count)
            guard !overflow else {
                throw GraphError(node: outputName, operation: "output", reason: "its \(what) are more than \(Int.max)")
            }
            sum = next
        }
        return sum
    }
}
