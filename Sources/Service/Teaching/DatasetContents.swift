/// The images of a dataset that can be learned from, and those that contradict each other.
struct DatasetContents {
    /// One for each file and label, in the order in which they were added.
    let images: [DatasetImage]
    /// Images that have the same bytes and different labels: no classifier can be right about them.
    let contradictions: [[DatasetImage]]

    /// How many images contradict others.
    var contradictory: Int { contradictions.reduce(0) { $0 + $1.count } }

    init(_ all: [DatasetImage]) {
        let byContent = Dictionary(grouping: all, by: \.digest)
        images = all.filter { byContent[$0.digest, default: []].count == 1 }
        contradictions = byContent.values.filter { $0.count > 1 }.sorted { $0[0].id < $1[0].id }
    }
}
