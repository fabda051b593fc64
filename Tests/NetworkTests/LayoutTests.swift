import Testing

@testable import Network

@Suite struct LayoutTests {
    /// input → 1 → 2 → 3 (a dense layer) → 4, where 4 reads 1 too.
    private func layout(counts: [Int] = [32, 16, 48, 16, 16], wanted: Set<Int>, threads: Int = 2) -> Layout {
        Layout(
            counts: counts, steps: [[0], [1], [2], [3, 1]].map { Layout.Step(inputs: $0) }, wholeBatchStart: 2,
            wanted: wanted, threads: threads)
    }

    @Test("What the whole-batch part makes or reads is kept for all images, the rest lies in the arenas")
    func locations() {
        #expect(layout(wanted: [4]).places == ["input", "kept 0", "kept 16", "kept 64", "kept 80"])

        let chain = Layout(
            counts: [32, 16, 48, 16, 16], steps: [[0], [1], [2], [3]].map { Layout.Step(inputs: $0) },
            wholeBatchStart: 3, wanted: [4], threads: 2)
        #expect(chain.places == ["input", "arena 48", "arena 0", "kept 0", "kept 16"])
    }

    @Test("A value that is wanted is kept, also where the arena would have done")
    func wanted() {
        let counts = [32, 16, 48, 16, 16]
        let chain = Layout(
            counts: counts, steps: [[0], [1], [2], [3]].map { Layout.Step(inputs: $0) }, wholeBatchStart: 4,
            wanted: [2, 0], threads: 2)
        #expect(chain.places == ["input", "arena 0", "kept 0", "arena 0", "arena 16"])
    }

    @Test("Memory is counted for all threads and images, and refused beyond the limit")
    func limit() {
        let counts = [1, 1 << 24, 1 << 20, 1, 1]
        func chain(threads: Int) -> Layout {
            Layout(
                counts: counts, steps: [[0], [1], [2], [3]].map { Layout.Step(inputs: $0) }, wholeBatchStart: 2,
                wanted: [4], threads: threads)
        }
        // An arena of 2²⁴ floats a thread, and a little more than 2²⁰ kept floats an image.
        #expect(chain(threads: 32).fits(images: 511))
        #expect(!chain(threads: 32).fits(images: 512))
        #expect(!chain(threads: 64).fits(images: 1))
        #expect(!chain(threads: 32).fits(images: Int.max))
    }

    @Test("What a large batch kept is freed after the run, what a small one kept is not")
    func idleMemory() {
        let layout = layout(counts: [1, 1 << 20, 1, 1, 1], wanted: [4])
        let small = layout.withWorkspace(images: 2) { $0 }
        #expect(small.keptCapacity >= 2 << 20)
        let large = layout.withWorkspace(images: 20) { workspace in
            #expect(workspace === small)
            #expect(workspace.keptCapacity >= 20 << 20)
            return workspace
        }
        #expect(large.keptCapacity <= Layout.largestIdle)
        #expect(layout.withWorkspace(images: 1) { $0 === small })
    }

    @Test("Runs at the same time have memory of their own, of which two stay")
    func workspaces() {
        let layout = layout(wanted: [4])
        let three = layout.withWorkspace(images: 1) { first in
            layout.withWorkspace(images: 1) { second in
                layout.withWorkspace(images: 1) { third in [first, second, third] }
            }
        }
        #expect(Set(three.map(ObjectIdentifier.init)).count == 3)
        let again = layout.withWorkspace(images: 1) { first in
            layout.withWorkspace(images: 1) { second in
                layout.withWorkspace(images: 1) { third in [first, second, third] }
            }
        }
        #expect(again.filter { workspace in three.contains { $0 === workspace } }.count == 2)
    }
}

extension Layout {
    fileprivate var places: [String] {
        locations.map { location in
            switch location {
            case .input: "input"
            case .arena(let offset): "arena \(offset)"
            case .kept(let offset): "kept \(offset)"
            }
        }
    }
}
