import CKernels

/// A depthwise convolution with the 1×1 convolutions before and after it, of which either may be missing: MobileNetV2's
/// inverted residual (Sandler et al. 2018), MobileNet's depthwise separable convolution.
///
/// Computed a band of rows at a time, so that the wide maps between the three never leave the L2 cache. In float32 each number is
/// summed as the layers one after another would; in bfloat16 what lies between them is rounded too.
public final class SeparableBlock: Sendable {
    /// A 1×1 convolution.
    public struct Pointwise: Sendable {
        /// `[outputs, channels, 1, 1]`
        public var weights: Tensor
        /// `[outputs]`
        public var bias: Tensor?
        public var activation: Activation

        public init(weights: Tensor, bias: Tensor?, activation: Activation) {
            self.weights = weights
            self.bias = bias
            self.activation = activation
        }
    }

    /// A convolution of each channel with a filter of its own.
    public struct Depthwise: Sendable {
        /// `[channels, 1, kernel height, kernel width]`
        public var weights: Tensor
        /// `[channels]`
        public var bias: Tensor?
        /// Without dilation.
        public var window: Window
        public var activation: Activation

        public init(weights: Tensor, bias: Tensor?, window: Window, activation: Activation) {
            self.weights = weights
            self.bias = bias
            self.window = window
            self.activation = activation
        }
    }

    /// How far a run computes.
    public enum Stage: Sendable {
        case expansion
        case depthwise
        case projection
    }

    /// Of one image.
    public let input: FeatureMap
    /// Of one image.
    public let output: FeatureMap
    /// The microkernels.
    public let kernelName: String
    private let stageMultiplyAdds: (expansion: Int, depthwise: Int, projection: Int)
    private let kernels: KernelTable
    private let formats: NumberFormats
    private let expansion: PointwiseProduct?
    private let depthwise: DepthwiseBand
    private let window: Window
    private let projection: PointwiseProduct?
    /// The map that the depthwise convolution reads, and the one that it writes.
    private let wide: FeatureMap
    private let filtered: FeatureMap
    /// Output rows of a band.
    private let bandRows: Int
    /// Rows of `wide`, each with its padding, that lie in memory together.
    private let ringRows: Int
    /// Columns of a row in memory.
    private let pitch: Int

    /// Bytes of the rows that a band reads: half a megabyte would leave no room for weights in a cache of one.
    private static let bandBytes = 224 * 1024
    /// Pixels of a band, fewer of which do not pay for reading the weights.
    private static let bandPixels = 96

    /// - Parameter formats: of what a run to the last stage reads and writes; other than floats only in bfloat16, where maps
    ///   are ones that a ``DenseConvolution`` ``DenseConvolution/readsRounded(_:)``.
    /// - Throws: ``ComputeError`` where shapes do not fit together.
    public init(
        expansion: Pointwise?, depthwise: Depthwise, projection: Pointwise?, input: FeatureMap,
        precision: Precision = .float32, formats: NumberFormats = NumberFormats(), kernels: KernelTable
    ) throws(ComputeError) {
        let window = depthwise.window
        self.expansion = try expansion.map { layer throws(ComputeError) in
            try PointwiseProduct(layer, channels: input.channels, precision: precision, kernels: kernels)
        }
        wide = FeatureMap(
            height: input.height, width: input.width, channels: self.expansion?.outputs ?? input.channels)
        guard window.dilationHeight == 1, window.dilationWidth == 1 else {
            throw .windowMismatch(window: window, map: wide)
        }
        filtered = try window.output(on: wide, channels: wide.channels)
        self.depthwise = try DepthwiseBand(depthwise, output: filtered, precision: precision, kernels: kernels)
        self.projection = try projection.map { [filtered] layer throws(ComputeError) in
            try PointwiseProduct(layer, channels: filtered.channels, precision: precision, kernels: kernels)
        }
        output = FeatureMap(
            height: filtered.height, width: filtered.width,
            channels: self.projection?.outputs ?? filtered.channels)
        _ = try output.addressableCount()
        self.input = input
        self.window = window
        self.formats = formats
        self.kernels = kernels
        pitch = self.depthwise.pitch(of: wide)
        guard let rowCount = product(pitch, wide.channels, window.kernelHeight), rowCount <= Int(Int32.max) else {
            throw .tooLarge(what: "the rows under a window", limit: Int(Int32.max))
        }
        let rowBytes = pitch * wide.channels * self.depthwise.format.size
        let fitting = (Self.bandBytes / rowBytes - window.kernelHeight) / window.strideHeight + 1
        let wanted = (Self.bandPixels + filtered.width - 1) / filtered.width
        bandRows = max(1, min(max(fitting, 1), max(wanted, 1), filtered.height))
        ringRows = (bandRows - 1) * window.strideHeight + window.kernelHeight
        let expanded = expansion == nil ? 0 : try countMultiplyAdds(wide.count, input.channels)
        let projected = projection == nil ? 0 : try countMultiplyAdds(output.count, filtered.channels)
        let taps = try countMultiplyAdds(filtered.count, window.kernelHeight * window.kernelWidth)
        stageMultiplyAdds = (expanded, taps, projected)
        let names = [self.expansion?.kernelName ?? self.projection?.kernelName, self.depthwise.kernelName]
        kernelName = names.compactMap(\.self).joined(separator: " + ")
    }

    /// The floats of memory that a run needs beside input and output, for each thread.
    public var scratchCount: Int {
        productScratch + ringScratch + depthwise.format.floats(bandRows * filtered.width * filtered.channels)
    }

    private var ringScratch: Int { aligned(depthwise.format.floats(ringRows * pitch * wide.channels)) }

    private var productScratch: Int { aligned(max(expansion?.scratchCount ?? 0, projection?.scratchCount ?? 0)) }

    /// Those that the block has, in order.
    public var stages: [Stage] {
        (expansion == nil ? [] : [.expansion]) + [.depthwise] + (projection == nil ? [] : [.projection])
    }

    /// Multiply-adds of a stage for one image, padding included.
    public func multiplyAdds(of stage: Stage) -> Int {
        switch stage {
        case .expansion: stageMultiplyAdds.expansion
        case .depthwise: stageMultiplyAdds.depthwise
        case .projection: stageMultiplyAdds.projection
        }
    }

    /// Reads `images × input.count` numbers and writes `images` times what the block makes up to a stage, the last one as a
    /// rule, those before it as floats. With a pool, its threads share the rows; the result is the same.
    ///
    /// - Parameters:
    ///   - stage: one that the block has.
    ///   - residual: added before the activation of the projection; may be the output itself where both have one format.
    ///   - scratch: ``scratchCount`` floats for each of the pool's threads; what they were is lost.
    public func run(
        to stage: Stage, input: UnsafeRawPointer, residual: UnsafeRawPointer? = nil,
        output: UnsafeMutableRawPointer, images: Int, pool: ComputePool?,
        scratch: (_ worker: Int) -> UnsafeMutablePointer<Float>
    ) {
        var formats = formats
        if stage != stages.last { formats.output = .float32 }
        let made = stage == .expansion ? wide : stage == .depthwise ? filtered : self.output
        let work = stageMultiplyAdds.expansion + stageMultiplyAdds.depthwise + stageMultiplyAdds.projection
        let shared = Double(work) * Double(images) < TileSplit.worthSharing ? nil : pool
        let (inputSize, residualSize) = (self.input.count * formats.input.size, made.count * formats.residual.size)
        let (outputSize, height) = (made.count * formats.output.size, made.height)
        // Few parts, since each computes the rows above and below it that its window reaches.
        let parts = shared.map { min(height, $0.threads) } ?? 1
        ComputePool.run(on: shared, images * parts) { task, worker in
            let (image, part) = task.quotientAndRemainder(dividingBy: parts)
            let rows = part * height / parts..<(part + 1) * height / parts
            let (input, output) = (input + image * inputSize, output + image * outputSize)
            if stage == .expansion {
                expansion?.run(
                    lines: rows.map {
                        (input + $0 * inputSize / self.input.height, nil, output + $0 * outputSize / height)
                    },
                    pixels: self.input.width, formats: formats, scratch: scratch(worker))
            } else {
                compute(
                    rows, projection: stage == .projection ? projection : nil, formats: formats, input: input,
                    residual: residual.map { $0 + image * residualSize }, output: output, scratch: scratch(worker))
            }
        }
    }

    /// Writes these rows of output.
    private func compute(
        _ rows: Range<Int>, projection: PointwiseProduct?, formats: NumberFormats, input: UnsafeRawPointer,
        residual: UnsafeRawPointer?, output: UnsafeMutableRawPointer, scratch: UnsafeMutablePointer<Float>
    ) {
        let ring = UnsafeMutableRawPointer(scratch + productScratch)
        let line = filtered.width * (projection?.outputs ?? filtered.channels)
        clearEnds(of: ring)
        let band = UnsafeMutableRawPointer(scratch + productScratch + ringScratch)
        var between = formats
        between.input = depthwise.format
        var next = 0
        for first in stride(from: rows.lowerBound, to: rows.upperBound, by: bandRows) {
            let bandRange = first..<min(first + bandRows, rows.upperBound)
            let top = bandRange.lowerBound * window.strideHeight - window.padding.top
            let end = (bandRange.upperBound - 1) * window.strideHeight - window.padding.top + window.kernelHeight
            let needed = max(top, 0, next)..<max(min(end, wide.height), max(top, 0, next))
            widen(needed, of: input, to: ring, scratch: scratch)
            next = needed.upperBound
            let lines = (top..<end).map { row in
                row >= 0 && row < wide.height ? UnsafeRawPointer(self.line(row, of: ring)) : nil
            }
            let target = output + first * line * formats.output.size
            guard let projection else {
                depthwise.run(lines, rows: bandRange.count, to: target, made: formats.output)
                continue
            }
            depthwise.run(lines, rows: bandRange.count, to: band, made: depthwise.format)
            projection.run(
                lines: [(UnsafeRawPointer(band), residual.map { $0 + first * line * formats.residual.size }, target)],
                pixels: bandRange.count * filtered.width, formats: between, scratch: scratch)
        }
    }

    /// The padding on the left and the right of each line.
    private func clearEnds(of ring: UnsafeMutableRawPointer) {
        let size = wide.channels * depthwise.format.size
        let (left, right) = (window.padding.left, pitch - window.padding.left - wide.width)
        for row in 0..<ringRows {
            let start = line(row, of: ring)
            start.initializeMemory(as: UInt8.self, repeating: 0, count: left * size)
            (start + (left + wide.width) * size).initializeMemory(as: UInt8.self, repeating: 0, count: right * size)
        }
    }

    private func line(_ row: Int, of ring: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        ring + row % ringRows * pitch * wide.channels * depthwise.format.size
    }

    /// Rows of the wide map, from rows of input.
    private func widen(
        _ rows: Range<Int>, of input: UnsafeRawPointer, to ring: UnsafeMutableRawPointer,
        scratch: UnsafeMutablePointer<Float>
    ) {
        guard !rows.isEmpty else { return }
        let offset = window.padding.left * wide.channels * depthwise.format.size
        let rowCount = self.input.width * self.input.channels
        let lines = rows.map { row -> (UnsafeRawPointer, UnsafeRawPointer?, UnsafeMutableRawPointer) in
            (input + row * rowCount * formats.input.size, nil, line(row, of: ring) + offset)
        }
        if let expansion {
            expansion.run(
                lines: lines, pixels: self.input.width,
                formats: NumberFormats(input: formats.input, output: depthwise.format), scratch: scratch)
            return
        }
        for (source, _, target) in lines {
            if formats.input == depthwise.format {
                target.copyMemory(from: source, byteCount: rowCount * formats.input.size)
            } else {
                kernels.round(source.assumingMemoryBound(to: Float.self), count: rowCount, into: target)
            }
        }
    }

    private func aligned(_ count: Int) -> Int { (count + 15) / 16 * 16 }
}
