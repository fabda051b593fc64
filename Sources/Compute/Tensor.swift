import CKernels

/// A dense, immutable float32 array with a shape, row-major for all who read it.
///
/// Weights are tensors. Their bytes lie in memory that this value owns, or in memory that belongs to something
/// else that it keeps alive (the bytes of a file, say).
public struct Tensor: Sendable {
    /// The extents, outermost first. The product equals ``count``. `[]` is a scalar.
    public let shape: [Int]
    /// The number of elements.
    public let count: Int
    private var memory: Memory
    /// Whether the memory has a matrix's columns one after another instead of its rows.
    let isTransposed: Bool

    /// Copies `values`, whose count must be the product of `shape`.
    public init(shape: [Int], values: [Float]) throws(TensorError) {
        let count = try Self.elementCount(of: shape)
        guard count == values.count else { throw .countMismatch(shape: shape, expected: count, found: values.count) }
        self.init(shape: shape, count: count) { buffer in _ = buffer.update(fromContentsOf: values) }
    }

    /// Refers to floats that `owner` keeps alive and nobody changes. `elements.count` must be the product of `shape`.
    public init(
        shape: [Int], elements: UnsafeBufferPointer<Float>, ownedBy owner: AnyObject & Sendable
    ) throws(TensorError) {
        let count = try Self.elementCount(of: shape)
        guard count == elements.count else {
            throw .countMismatch(shape: shape, expected: count, found: elements.count)
        }
        self.shape = shape
        self.count = count
        self.memory = Memory(borrowing: elements, owner: owner)
        self.isTransposed = false
    }

    /// Makes a tensor of `count` elements (the product of `shape`) and lets `initialize` write all of them.
    public init(
        shape: [Int], initializingWith initialize: (UnsafeMutableBufferPointer<Float>) -> Void
    ) throws(TensorError) {
        self.init(shape: shape, count: try Self.elementCount(of: shape), initialize: initialize)
    }

    private init(shape: [Int], count: Int, initialize: (UnsafeMutableBufferPointer<Float>) -> Void) {
        self.shape = shape
        self.count = count
        self.memory = Memory(count: count, initialize: initialize)
        self.isTransposed = false
    }

    /// The same elements under another shape of equal product.
    public func reshaped(_ shape: [Int]) throws(TensorError) -> Tensor {
        let count = try Self.elementCount(of: shape)
        guard count == self.count else { throw .countMismatch(shape: shape, expected: count, found: self.count) }
        guard !isTransposed else {
            return Tensor(shape: shape, count: count) { buffer in
                withUnsafeBufferPointer { _ = buffer.update(fromContentsOf: $0) }
            }
        }
        return Tensor(shape: shape, count: count, memory: memory, isTransposed: false)
    }

    /// The matrix with its axes exchanged. Its memory stays as it is: layers pack their weights from it, and for others the
    /// elements are brought in order each time they are asked for.
    ///
    /// Throws ``TensorError/invalidShape(_:)`` where this is no matrix.
    public func transposed() throws(TensorError) -> Tensor {
        guard shape.count == 2 else { throw .invalidShape(shape) }
        return Tensor(shape: shape.reversed(), count: count, memory: memory, isTransposed: !isTransposed)
    }

    private init(shape: [Int], count: Int, memory: Memory, isTransposed: Bool) {
        self.shape = shape
        self.count = count
        self.memory = memory
        self.isTransposed = isTransposed
    }

    /// Says that the elements are read once more, from first to last, where no other tensor and nobody else has their memory:
    /// it may be given back on the way. Else nothing changes.
    public mutating func allowDiscarding() {
        if isKnownUniquelyReferenced(&memory) { memory.allowDiscarding() }
    }

    /// Gives the memory of the first `count` elements, as they lie there, back where that was allowed: nobody reads them again.
    func discard(first count: Int) { memory.discard(first: count) }

    /// Calls `body` with the elements, valid for the duration of the call.
    public func withUnsafeBufferPointer<R, E: Error>(
        _ body: (UnsafeBufferPointer<Float>) throws(E) -> R
    ) throws(E) -> R {
        guard isTransposed else { return try withMemory(body) }
        let copy = UnsafeMutableBufferPointer<Float>.allocate(capacity: count)
        defer { copy.deallocate() }
        withMemory { elements in
            guard let source = elements.baseAddress, let target = copy.baseAddress else { return }
            f32_transpose(source, shape[1], shape[0], target)
        }
        return try body(UnsafeBufferPointer(copy))
    }

    /// Calls `body` with the elements as they lie in memory: see ``isTransposed``.
    func withMemory<R, E: Error>(_ body: (UnsafeBufferPointer<Float>) throws(E) -> R) throws(E) -> R {
        defer { withExtendedLifetime(memory) {} }
        return try body(memory.elements)
    }

    /// A copy of the elements.
    public var values: [Float] { withUnsafeBufferPointer { Array($0) } }

    /// The product of `shape`, or an error where an extent is negative or the product does not fit `Int`.
    public static func elementCount(of shape: [Int]) throws(TensorError) -> Int {
        var count = 1
        for extent in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: extent)
            guard extent >= 0, !overflow, product <= Int.max / MemoryLayout<Float>.stride else {
                throw .invalidShape(shape)
            }
            count = product
        }
        return count
    }
}

/// Why a tensor could not be made.
public enum TensorError: Error, Equatable, CustomStringConvertible {
    /// An extent is negative, or the number of elements does not fit an `Int`.
    case invalidShape([Int])
    /// The values given are not as many as the shape asks for.
    case countMismatch(shape: [Int], expected: Int, found: Int)

    public var description: String {
        switch self {
        case .invalidShape(let shape):
            "shape \(shape) is not a tensor's: extents must be at least 0 and their product must fit memory"
        case .countMismatch(let shape, let expected, let found):
            "shape \(shape) needs \(expected) elements, found \(found)"
        }
    }
}

/// Memory that tensors borrow and that can be given back in parts.
public protocol DiscardableMemory: AnyObject {
    /// Gives the whole pages within `bytes` back to the system; they read as zeros afterwards.
    func discard(_ bytes: UnsafeRawBufferPointer)
}

/// Sendable: the elements are written once, before anyone else sees them; and discarded by the only one who has them.
private final class Memory: @unchecked Sendable {
    let elements: UnsafeBufferPointer<Float>
    private let allocation: UnsafeMutableBufferPointer<Float>?
    private var owner: AnyObject?
    private var mayDiscard = false

    init(count: Int, initialize: (UnsafeMutableBufferPointer<Float>) -> Void) {
        let allocation = UnsafeMutableBufferPointer<Float>.allocate(capacity: count)
        initialize(allocation)
        self.allocation = allocation
        self.elements = UnsafeBufferPointer(allocation)
        self.owner = nil
    }

    init(borrowing elements: UnsafeBufferPointer<Float>, owner: AnyObject) {
        self.allocation = nil
        self.elements = elements
        self.owner = owner
    }

    deinit { allocation?.deallocate() }

    func allowDiscarding() { mayDiscard = isKnownUniquelyReferenced(&owner) }

    func discard(first count: Int) {
        guard mayDiscard, let owner = owner as? any DiscardableMemory else { return }
        owner.discard(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: elements[..<min(count, elements.count)])))
    }
}
