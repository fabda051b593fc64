/// A network as a list of nodes in the order they run, each reading values made before it.
///
/// Built by a model reader or an architecture, rewritten by passes, compiled into a ``Plan``.
public struct Graph: Sendable {
    /// Names one value: the input or a node's output.
    public struct ValueID: Hashable, Sendable {
        let index: Int
    }

    /// One operation on earlier values.
    public struct Node: Sendable {
        /// Unique within the graph: what users call the layer.
        public var name: String
        public var operation: Operation
        public var inputs: [ValueID]
        public let output: ValueID
    }

    /// The name of the input tensor, as the model file spells it.
    public let inputName: String
    /// Of one image: `[channels, height, width]`.
    public let inputShape: [Int]
    /// The value that holds the images.
    public let input: ValueID
    public internal(set) var nodes: [Node] = []
    /// The network's answer: logits, or probabilities where the graph ends in a softmax.
    public var output: ValueID
    /// The name of the output tensor, as the model file spells it.
    public var outputName: String
    private var valueCount = 1

    /// A graph that answers its input; `append` nodes and set `output`.
    public init(inputName: String = "input", inputShape: [Int], outputName: String = "output") {
        self.inputName = inputName
        self.inputShape = inputShape
        self.outputName = outputName
        input = ValueID(index: 0)
        output = input
    }

    /// Adds a node at the end and returns its output, which also becomes the graph's output.
    @discardableResult
    public mutating func append(_ name: String, _ operation: Operation, _ inputs: ValueID...) -> ValueID {
        append(name, operation, inputs: inputs)
    }

    /// Gives the last node the name that node `index` has, and the other way round.
    public mutating func exchangeNames(ofLastAnd index: Int) {
        guard nodes.indices.contains(index) else { return }
        let name = nodes[index].name
        nodes[index].name = nodes[nodes.count - 1].name
        nodes[nodes.count - 1].name = name
    }

    /// Adds a node at the end and returns its output, which also becomes the graph's output.
    @discardableResult
    public mutating func append(_ name: String, _ operation: Operation, inputs: [ValueID]) -> ValueID {
        let value = ValueID(index: valueCount)
        valueCount += 1
        nodes.append(Node(name: name, operation: operation, inputs: inputs, output: value))
        output = value
        return value
    }
}
