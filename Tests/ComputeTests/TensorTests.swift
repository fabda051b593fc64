import Compute
import Testing

@Suite struct TensorTests {
    @Test("a tensor keeps its shape and its elements")
    func values() throws {
        let tensor = try Tensor(shape: [2, 3], values: [1, 2, 3, 4, 5, 6])
        #expect(tensor.shape == [2, 3] && tensor.count == 6 && tensor.values == [1, 2, 3, 4, 5, 6])
        #expect(try tensor.reshaped([3, 1, 2]).values == tensor.values)
        #expect(try Tensor(shape: [], values: [7]).count == 1)
        #expect(try Tensor(shape: [4, 0], values: []).count == 0)
    }

    @Test("a transposed matrix reads row by row, as any other")
    func transposed() throws {
        let matrix = try Tensor(shape: [2, 3], values: [1, 2, 3, 4, 5, 6])
        let transposed = try matrix.transposed()
        #expect(transposed.shape == [3, 2] && transposed.values == [1, 4, 2, 5, 3, 6])
        #expect(try transposed.reshaped([6]).values == [1, 4, 2, 5, 3, 6])
        #expect(try transposed.transposed().values == matrix.values)
        #expect(try transposed.transposed().reshaped([1, 6]).values == matrix.values)
        #expect(try Tensor(shape: [0, 3], values: []).transposed().values.isEmpty)
        for shape in [[], [6], [1, 2, 3]] {
            let other = try Tensor(shape: shape, values: Array(repeating: 1, count: shape.reduce(1, *)))
            #expect(throws: TensorError.invalidShape(shape)) { try other.transposed() }
        }
    }

    @Test("a count that is not the shape's product is refused with both")
    func countMismatch() {
        #expect(throws: TensorError.countMismatch(shape: [2, 2], expected: 4, found: 3)) {
            try Tensor(shape: [2, 2], values: [1, 2, 3])
        }
        #expect(throws: TensorError.countMismatch(shape: [5], expected: 5, found: 4)) {
            try Tensor(shape: [4], values: [1, 2, 3, 4]).reshaped([5])
        }
    }

    @Test("extents that are negative or overflow are refused", arguments: [[-1], [Int.max, 2], [1 << 40, 1 << 40]])
    func invalidShape(shape: [Int]) {
        #expect(throws: TensorError.invalidShape(shape)) { try Tensor.elementCount(of: shape) }
    }

    @Test("a reshaped tensor outlives the one it came from")
    func lifetime() throws {
        final class Owner: Sendable {
            nonisolated(unsafe) static var alive = 0  // Only this test reads and writes it.
            init() { Self.alive += 1 }
            deinit { Self.alive -= 1 }
        }
        let memory = UnsafeMutableBufferPointer<Float>.allocate(capacity: 2)
        memory.initialize(repeating: 3)
        defer { memory.deallocate() }
        var tensor: Tensor? = try Tensor(shape: [2], elements: UnsafeBufferPointer(memory), ownedBy: Owner())
        var reshaped = try tensor?.reshaped([1, 2])
        tensor = nil
        #expect(Owner.alive == 1 && reshaped?.values == [3, 3])
        reshaped = nil
        #expect(Owner.alive == 0)
    }
}
