extension Graph {
    /// Who makes and who reads each value. A pass counts once and keeps up, or a thousand nodes would cost a million
    /// counts; it goes from the last node to the first, so that removing one does not move those it still asks for.
    struct ValueUses {
        /// How often each value is read, as the graph's output too.
        private(set) var readerCounts: [ValueID: Int]
        /// The position of the node that makes each value; the input has none.
        private let producers: [ValueID: Int]

        init(_ graph: Graph) {
            readerCounts = [graph.output: 1]
            for node in graph.nodes {
                for value in node.inputs { readerCounts[value, default: 0] += 1 }
            }
            producers = Dictionary(
                graph.nodes.indices.map { (graph.nodes[$0].output, $0) }, uniquingKeysWith: { first, _ in first })
        }

        func producer(of value: ValueID) -> Int? { producers[value] }

        /// The producer of a value that is read once.
        func soleProducer(of value: ValueID) -> Int? { readerCounts[value] == 1 ? producers[value] : nil }

        /// `value`, which one node read, now takes the place of that node's output.
        mutating func replace(_ output: ValueID, by value: ValueID) {
            readerCounts[value] = readerCounts.removeValue(forKey: output)
        }
    }
}
