/// Where each value lies in an arena, so that values that are never alive together share memory.
///
/// Greedy by size: the largest value first, each at the lowest offset that is free during its whole life
/// (Pisarchyk & Lee, "Efficient Memory Management for Deep Neural Net Inference", 2020).
struct MemoryPlan: Sendable {
    /// A value of `count` floats, written in step `first` and read until step `last`.
    struct Value: Sendable {
        let count: Int
        let first: Int
        let last: Int
    }

    /// Offsets are multiples of this many floats, a cache line.
    static let alignment = 16

    /// The offset of each value, in floats.
    let offsets: [Int]
    /// The size of the arena, in floats.
    let count: Int

    init(_ values: [Value]) {
        var offsets = [Int](repeating: 0, count: values.count)
        var end = 0
        var placed: [Int] = []  // by offset
        for index in values.indices.sorted(by: { (values[$0].count, $1) > (values[$1].count, $0) }) {
            let value = values[index]
            let size = Self.aligned(value.count)
            var offset = 0
            for other in placed where values[other].first <= value.last && value.first <= values[other].last {
                if offset + size <= offsets[other] { break }
                offset = max(offset, offsets[other] + Self.aligned(values[other].count))
            }
            offsets[index] = offset
            end = max(end, offset + size)
            placed.insert(index, at: placed.firstIndex { offsets[$0] > offset } ?? placed.count)
        }
        self.offsets = offsets
        count = end
    }

    static func aligned(_ count: Int) -> Int { (count + alignment - 1) / alignment * alignment }
}
