import Testing

@testable import Network

@Suite struct MemoryPlanTests {
    @Test("Values that are alive at the same time never overlap, and the arena is not larger than their sum")
    func randomLifetimes() {
        for seed in 0..<300 {
            var generator = SeededGenerator(seed: seed)
            let values = (0..<Int.random(in: 1...40, using: &generator)).map { _ in
                let first = Int.random(in: 0..<30, using: &generator)
                return MemoryPlan.Value(
                    count: Int.random(in: 1...100, using: &generator), first: first,
                    last: first + Int.random(in: 0...6, using: &generator))
            }
            let plan = MemoryPlan(values)
            let ranges = zip(values, plan.offsets).map { $1..<($1 + $0.count) }
            for a in values.indices {
                #expect(plan.offsets[a].isMultiple(of: MemoryPlan.alignment), "seed \(seed): offset \(plan.offsets[a])")
                for b in 0..<a where values[a].first <= values[b].last && values[b].first <= values[a].last {
                    #expect(
                        !ranges[a].overlaps(ranges[b]),
                        "seed \(seed): \(values[a]) at \(ranges[a]), \(values[b]) at \(ranges[b])")
                }
            }
            let sum = values.reduce(0) { $0 + MemoryPlan.aligned($1.count) }
            let alive = (0...36).map { step in
                values.filter { $0.first <= step && step <= $0.last }.reduce(0) { $0 + $1.count }
            }
            #expect(plan.count <= sum, "seed \(seed)")
            #expect(plan.count >= alive.max() ?? 0, "seed \(seed)")
            #expect(plan.count >= ranges.map(\.upperBound).max() ?? 0, "seed \(seed)")
        }
    }

    @Test("A chain of values needs room for two, in turn")
    func chain() {
        let plan = MemoryPlan((0..<10).map { MemoryPlan.Value(count: 64, first: $0, last: $0 + 1) })
        #expect(plan.count == 128)
        #expect(Set(plan.offsets) == [0, 64])
    }

    @Test("A small value fills the gap below a larger one that lives longer")
    func gap() {
        let values = [
            MemoryPlan.Value(count: 64, first: 0, last: 1), MemoryPlan.Value(count: 48, first: 1, last: 3),
            MemoryPlan.Value(count: 16, first: 2, last: 3),
        ]
        let plan = MemoryPlan(values)
        #expect(plan.offsets == [0, 64, 0])
        #expect(plan.count == 112)
    }

    @Test("Nothing needs nothing")
    func empty() {
        #expect(MemoryPlan([]).count == 0)
    }
}
