import Network
import Synchronization
import Testing

@testable import Compute
@testable import ModelFormats

/// Memory that is given back, and says how much of it.
private final class CountedMemory: DiscardableMemory, Sendable {
    final class Discards: Sendable {
        private let sum = Mutex(0)
        var bytes: Int { sum.withLock { $0 } }
        func add(_ bytes: Int) { sum.withLock { $0 += bytes } }
    }

    private let memory: FileMemory
    private let discards: Discards

    private init(_ memory: FileMemory, _ discards: Discards) {
        (self.memory, self.discards) = (memory, discards)
    }

    func discard(_ bytes: UnsafeRawBufferPointer) {
        discards.add(bytes.count)
        memory.discard(bytes)
    }

    static func tensor(shape: [Int], _ values: [Float], _ discards: Discards) throws -> Tensor {
        let memory = try FileMemory(path: "counted", count: 4 * values.count) { buffer in
            values.withUnsafeBytes { buffer.copyMemory(from: $0) }
        }
        return try Tensor(
            shape: shape, elements: memory.bytes.assumingMemoryBound(to: Float.self),
            ownedBy: CountedMemory(memory, discards))
    }
}

/// A plan gives the file's memory back while it packs weights, but only where nobody else reads them.
struct LastUseTests {
    private static let features = 1200
    private let bytes: [UInt8]
    private let values: [Float]

    init() throws {
        let count = Self.features * Self.features
        let values = (0..<count).map { Float($0 % 251) / 251 - 0.5 }
        bytes = try SafetensorsWriter.serialize([
            "fc.weight": Tensor(shape: [Self.features, Self.features], values: values)
        ])
        self.values = values
    }

    private func graph(_ weights: Tensor) -> Graph {
        var graph = Graph(inputShape: [Self.features, 1, 1])
        graph.append("fc", .dense(Dense(weights: weights)), graph.input)
        return graph
    }

    private func answer(_ graph: consuming Graph) throws -> [Float] {
        let tables = KernelTable.available.compactMap { KernelTable(named: $0) }
        let plan = try Plan(consume graph, pool: ComputePool(threads: 1), kernels: try #require(tables.first))
        return try plan.run(
            input: (0..<Self.features).map { Float($0 % 7) }, images: 1, layers: [plan.outputName])[0]
    }

    @Test func weightsThatSomebodyKeepsStayAsTheyAre() throws {
        let file = try SafetensorsFile(bytes, name: "kept.safetensors")
        let kept = try file.tensor("fc.weight", shape: [Self.features, Self.features])
        let graph = graph(kept)
        let first = try answer(graph)
        #expect(kept.values == values)
        #expect(try file.tensor("fc.weight", shape: kept.shape).values == values)
        #expect(try answer(graph) == first)
    }

    @Test func aTensorThatTwoLayersShareIsPackedTwice() throws {
        let weights = try SafetensorsFile(bytes, name: "shared.safetensors")
            .tensor("fc.weight", shape: [Self.features, Self.features])
        func twice(_ weights: Tensor) -> Graph {
            var graph = graph(weights)
            graph.append("again", .dense(Dense(weights: weights)), graph.output)
            return graph
        }
        let copy = try Tensor(shape: weights.shape, values: values)
        #expect(try answer(twice(weights)) == answer(twice(copy)))
    }

    @Test func weightsThatNobodyKeepsAreReadOnce() throws {
        let expected = try answer(graph(try Tensor(shape: [Self.features, Self.features], values: values)))
        let found = try answer(
            graph(
                try SafetensorsFile(bytes, name: "given.safetensors")
                    .tensor("fc.weight", shape: [Self.features, Self.features])))
        #expect(found == expected)
    }

    /// 17 MB: more than is read before the first part is given back.
    @Test func weightsThatLieTransposedAreReadOnce() throws {
        let features = 2100
        let values = (0..<features * features).map { Float($0 % 251) / 251 - 0.5 }
        let rows = try Tensor(shape: [features, features], values: values)
        let columns = try rows.transposed().values
        let discards = CountedMemory.Discards()
        func answer(_ weights: consuming Tensor) throws -> [Float] {
            var graph = Graph(inputShape: [features, 1, 1])
            graph.append("fc", .dense(Dense(weights: consume weights)), graph.input)
            let plan = try Plan(consume graph, pool: ComputePool(threads: 1), kernels: KernelTable.selected)
            return try plan.run(
                input: (0..<features).map { Float($0 % 7) }, images: 1, layers: [plan.outputName])[0]
        }
        func transposed() throws -> Tensor {
            try CountedMemory.tensor(shape: rows.shape, columns, discards).transposed()
        }
        let kept = try transposed()
        let expected = try answer(rows)
        #expect(try answer(kept) == expected)
        #expect(kept.values == values)
        #expect(discards.bytes == 0)
        #expect(try answer(try transposed()) == expected)
        func packed(_ weights: Tensor) throws -> [Float] {
            let packed = try PackedWeights(
                weights, bias: nil, outputs: features, channels: features, taps: 1, kernels: KernelTable.selected)
            return Array(
                UnsafeBufferPointer(start: packed.weights.pointer, count: packed.panels * packed.panelCount))
        }
        // What a plan does: not before each part is packed, and all of it then. (Debug builds' plans keep copies.)
        var given = try transposed()
        given.allowDiscarding()
        #expect(try packed(given) == packed(rows))
        #expect(discards.bytes >= 4 * features * features)
    }
}
