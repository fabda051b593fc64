extension Graph {
    /// Who makes and who reads each value, by the nodes' positions.
    ///
    /// A pass asks once and removes nodes at its end (``Graph/removeNodes(replacing:)``): it costs as much as the graph
    /// has nodes and inputs.
    struct ValueUses {
        private var positions: [ValueID: [Int]] = [:]
        /// The input has none.
        private var producers: [ValueID: Int] = [:]
        private let output: ValueID

        init(_ graph: Graph) {
            output = graph.output
            for (position, node) in graph.nodes.enumerated() {
                producers[node.output] = position
                for value in node.inputs { positions[value, default: []].append(position) }
            }
        }

        /// The nodes that read a value, one that reads it twice given twice.
        func readers(of value: ValueID) -> [Int] { positions[value] ?? [] }

        func producer(of value: ValueID) -> Int? { producers[value] }

        /// The producer of a value that is read once and is not the graph's output.
        func soleProducer(of value: ValueID) -> Int? {
            value != output && readers(of: value).count == 1 ? producers[value] : nil
        }
    }
}
