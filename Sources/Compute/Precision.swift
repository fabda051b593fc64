import CKernels

/// The numbers that products multiply. Sums are float32.
public enum Precision: String, Sendable, Hashable, CaseIterable {
    case float32 = "f32"
    /// The upper half of a float32, 8 bits of precision: inputs and weights are rounded to the nearest, and so is what only products read.
    /// Needs AVX512-BF16.
    case bfloat16 = "bf16"
}

extension KernelTable {
    /// The precisions that these kernels have on this machine.
    public var precisions: [Precision] { bfloat16 == nil ? [.float32] : Precision.allCases }

    /// `nil` where the processor has no such instructions, or other kernels were asked for than the fastest.
    var bfloat16: bf16_kernels? {
        guard let kernels = Self.ofProcessor?.pointee, kernels.tile_columns == functions.tile_columns,
            kernels.tile_rows == functions.tile_rows
        else { return nil }
        return kernels
    }

    /// Asked once: a virtual machine leaves its guest for each CPUID instruction.
    ///
    /// `nonisolated(unsafe)`: a constant of the C module.
    nonisolated(unsafe) private static let ofProcessor = bf16_kernels_available()

    /// Throws where these kernels do not have that precision.
    public func check(_ precision: Precision) throws(ComputeError) {
        guard precisions.contains(precision) else {
            throw .unavailablePrecision(name: precision.rawValue, available: precisions.map(\.rawValue))
        }
    }
}
