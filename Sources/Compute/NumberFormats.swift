import CKernels

/// How numbers lie in memory between layers.
public enum NumberFormat: Sendable, Hashable {
    case float32
    /// Half the memory: what only products of bfloat16 read need not be wider.
    case bfloat16

    /// In bytes.
    var size: Int { self == .float32 ? MemoryLayout<Float>.size : MemoryLayout<UInt16>.size }

    /// The floats of memory that `count` numbers take.
    public func floats(_ count: Int) -> Int { self == .float32 ? count : (count + 1) / 2 }
}

/// What a product reads and writes.
public struct NumberFormats: Sendable, Hashable {
    public var input: NumberFormat
    public var residual: NumberFormat
    public var output: NumberFormat

    public init(
        input: NumberFormat = .float32, residual: NumberFormat = .float32, output: NumberFormat = .float32
    ) {
        self.input = input
        self.residual = residual
        self.output = output
    }
}

extension KernelTable {
    /// Writes `count` floats as numbers of bfloat16, of kernels that have them.
    func round(_ floats: UnsafePointer<Float>, count: Int, into numbers: UnsafeMutableRawPointer) {
        bfloat16?.round(floats, count, numbers.assumingMemoryBound(to: UInt16.self))
    }

    /// Reads `count` numbers of bfloat16, of kernels that have them.
    public func widen(_ numbers: UnsafeRawPointer, count: Int, into floats: UnsafeMutablePointer<Float>) {
        bfloat16?.widen(numbers.assumingMemoryBound(to: UInt16.self), count, floats)
    }
}
