/// What is wrong with a graph, and at which node.
public struct GraphError: Error, CustomStringConvertible {
    /// The node's name; the graph's input or output where no node is to blame.
    public let node: String
    /// The node's operation, in words.
    public let operation: String
    /// What was expected and what was found.
    public let reason: String

    public init(node: String, operation: String, reason: String) {
        self.node = node
        self.operation = operation
        self.reason = reason
    }

    public var description: String { "node '\(node)' (\(operation)): \(reason)" }
}
