import Compute

/// A kernel of floats for inputs of which some are bytes: these become floats first, image by image.
final class DequantizedInputs: Sendable {
    private struct Input {
        let map: FeatureMap
        /// How its bytes become floats, and where in the scratch memory; `nil` where it is floats.
        let widened: (quantization: Quantization, offset: Int)?

        /// The floats of memory of one image.
        var count: Int { widened == nil ? map.count : map.byteFloats }
    }

    let kernel: Kernel
    private let inputs: [Input]
    private let inputFloats: Int
    private let output: Int

    /// - Parameters:
    ///   - shapes: the inputs', of one image.
    ///   - grids: theirs, of bytes; `nil` for floats.
    ///   - output: the floats that the kernel writes for one image.
    init(_ kernel: Kernel, shapes: [[Int]], grids: [QuantizationGrid?], output: Int, kernels: KernelTable) {
        self.kernel = kernel
        self.output = output
        var (inputs, offset) = ([Input](), 0)
        for (shape, grid) in zip(shapes, grids) {
            let map = FeatureMap(shape)
            guard let grid else {
                inputs.append(Input(map: map, widened: nil))
                continue
            }
            inputs.append(Input(map: map, widened: (Quantization(map: map, grid: grid, kernels: kernels), offset)))
            offset += MemoryPlan.aligned(map.count)
        }
        self.inputs = inputs
        inputFloats = offset
    }

    /// As ``Kernel/run(_:to:hasSecond:images:pool:scratch:)``.
    func run(
        _ input: (Int) -> UnsafePointer<Float>, to output: UnsafeMutablePointer<Float>, images: Int,
        pool: ComputePool?, scratch: (_ worker: Int) -> UnsafeMutablePointer<Float>
    ) {
        let floats = scratch(0)
        for image in 0..<images {
            for (index, each) in inputs.enumerated() {
                each.widened?.quantization.dequantize(
                    input(index) + image * each.count, output: floats + (each.widened?.offset ?? 0), images: 1,
                    pool: pool)
            }
            kernel.run(
                { index in
                    let each = inputs[index]
                    return each.widened.map { UnsafePointer(floats + $0.offset) } ?? input(index) + image * each.count
                },
                to: output + image * self.output, hasSecond: inputs.count > 1, images: 1, pool: pool
            ) { scratch($0) + inputFloats }
        }
    }

    /// The floats of memory that a run needs for itself.
    func scratchCount(threads: Int) -> Int { inputFloats + kernel.scratchCount(threads: threads) }
}
