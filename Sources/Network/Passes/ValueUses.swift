extension Graph {
    /// Who makes and who reads each value. A pass asks once, or a thousand nodes would cost a million counts; it goes
    /// from the last node to the first, so that removing one changes nothing of those it still asks for.
    struct ValueUses {
        /// How often each value is read, as the graph's output too.
        let readerCounts: [ValueID: Int]
        /// The position of the node that makes each value; the input has none.
        private let producers: [ValueID: Int]

        init(_ graph: Graph) {
            readerCounts = graph.nodes.reduce(into: [graph.output: 1]) { counts, node in
                for value in node.inputs { counts[value, default: 0] += 1 }
            }
            producers = Dictionary(
                graph.nodes.indices.map { (graph.nodes[$0].output, $0) }, uniquingKeysWith: { first, _ in first })
        }

        func producer(of value: ValueID) -> Int? { producers[value] }

        /// The producer of a value that is read once.
        func soleProducer(of value: ValueID) -> Int? { readerCounts[value] == 1 ? producers[value] : nil }
    }
}
