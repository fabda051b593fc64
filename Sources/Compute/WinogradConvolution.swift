import CKernels

/// A 3×3 convolution of stride 1 by Winograd's minimal filtering F(4×4, 3×3): a quarter of the multiplications of the direct
/// sums, and rounding errors some ten times theirs (Lavin & Gray, "Fast Algorithms for Convolutional Neural Networks", 2016).
///
/// Each tile of 4 × 4 output pixels is made from 36 products; those of a block of tiles are 36 products of matrices. A tile's
/// result does not depend on the others, and so neither on how they are split between threads.
///
/// Weights are transformed on their way to the products, those of 32 outputs at a time: transformed once, they would take four
/// times the memory, and on small maps longer to read than this.
public final class WinogradConvolution: Sendable {
    /// Of one image.
    public let input: FeatureMap
    /// Of one image.
    public let output: FeatureMap
    /// Multiply-adds of the direct sums for one image, padding included.
    public let multiplyAdds: Int
    /// The transforms' name, as `f32_winograd__avx512`.
    public let kernelName: String
    private let kernels: KernelTable
    private let weights: PackedWeights
    private let geometry: f32_winograd
    private let tiles: Int
    private let zeros: AlignedFloats

    /// Tiles whose transformed input is multiplied before the next are transformed: it stays in the cache with the weights.
    private static let blockTiles = 96
    /// Blocks transformed together, where threads share an image.
    private static let sharedBlocks = 4
    /// Pixels of a tile of output, along an axis.
    private static let tileExtent = 4
    /// Pixels under a tile, along an axis.
    private static let span = 6
    private static let planes = span * span
    /// So many products are done for each tap of the weights that follow, which are asked for meanwhile.
    private static let planesOfTap = planes / 9

    /// Whether a convolution can be computed so, and sooner than by direct sums.
    public static func isFaster(window: Window, input: FeatureMap, outputs: Int) -> Bool {
        guard supports(window), input.channels >= 16, outputs >= 16,
            let size = window.outputSize(height: input.height, width: input.width)
        else { return false }
        // Of a smaller map, transforming the weights takes longer than the direct sums.
        return tileCount(size) >= 6
    }

    private static func tileCount(_ size: (height: Int, width: Int)) -> Int {
        divideUp(size.height, tileExtent) * divideUp(size.width, tileExtent)
    }

    /// A kernel of 3×3, one pixel a step.
    private static func supports(_ window: Window) -> Bool {
        window.kernelHeight == 3 && window.kernelWidth == 3 && window.strideHeight == 1 && window.strideWidth == 1
            && window.dilationHeight == 1 && window.dilationWidth == 1
    }

    /// - Parameters:
    ///   - weights: `[output channels, input channels, 3, 3]`
    ///   - bias: `[output channels]`
    ///   - window: 3×3, one pixel a step.
    ///   - activation: applied last, after a residual is added.
    public init(
        weights: Tensor, bias: Tensor?, window: Window, input: FeatureMap, activation: Activation, kernels: KernelTable
    ) throws(ComputeError) {
        let outputs = weights.shape.first ?? 0
        let expected = [max(outputs, 1), input.channels, 3, 3]
        guard weights.shape == expected, Self.supports(window) else {
            throw .shapeMismatch(
                tensor: "Winograd convolution weights", expected: [-1] + expected.dropFirst(), found: weights.shape)
        }
        try PackedWeights.check(bias: bias, outputs: outputs)
        let output = try window.output(on: input, channels: outputs)
        tiles = Self.tileCount((output.height, output.width))
        let functions = kernels.functions
        let bounds = activation.bounds
        let lanes = functions.lanes
        // A cache line more than the channels, lest the tiles' rows push each other out of the cache.
        let inputStride = (input.channels + lanes - 1) / lanes * lanes + 16
        guard let planeCount = product(inputStride, Self.blockTiles * Self.sharedBlocks),
            planeCount <= Int(Int32.max) / Self.planes
        else { throw .tooLarge(what: "a convolution's transformed input", limit: Int(Int32.max)) }
        geometry = f32_winograd(
            height: input.height, width: input.width, channels: input.channels, output_height: output.height,
            output_width: output.width, outputs: outputs, padding_top: window.padding.top,
            padding_left: window.padding.left, tiles_across: divideUp(output.width, Self.tileExtent),
            input_stride: inputStride, input_plane: 0,
            product_plane: Self.plane(Self.blockTiles * functions.tile_columns), lower: bounds.lower,
            upper: bounds.upper)
        self.weights = try PackedWeights(
            weights, bias: bias, outputs: outputs, channels: input.channels, taps: 9, kernels: kernels)
        zeros = AlignedFloats(nil, paddedTo: max(input.channels, functions.tile_columns))
        multiplyAdds = try countMultiplyAdds(output.height * output.width, weights.count)
        kernelName = String(cString: functions.winograd_name)
        self.kernels = kernels
        self.input = input
        self.output = output
    }

    /// The floats of memory that a run needs beside input and output.
    public func scratchCount(threads: Int) -> Int {
        (inputPlane(threads: threads) + geometry.product_plane) * Self.planes + weightPlane * steps.lines * Self.span
    }

    /// How many channels and lines of the 6 × 6 matrices are transformed at a time: so few that they stay in the cache until they
    /// are multiplied. Of few tiles, all lines of few channels: that takes half the instructions. Else all channels: their
    /// sums need no adding up.
    private var steps: (channels: Int, lines: Int) {
        tiles < Self.blockTiles / 2 ? (min(weights.channels, 64), Self.span) : (weights.channels, 1)
    }

    /// Floats from one of the matrices of transformed weights to the next.
    private var weightPlane: Int { steps.channels * kernels.functions.tile_columns + 16 }

    /// Reads `images × input.count` floats and writes `images × output.count`: `activation(w ∗ x + bias + residual)`.
    /// The residual may be the output itself. With a pool, its threads share the work; the result is the same.
    ///
    /// - Parameter scratch: ``scratchCount(threads:)`` floats for each of the pool's threads; what they were is lost.
    public func run(
        input: UnsafePointer<Float>, residual: UnsafePointer<Float>? = nil, output: UnsafeMutablePointer<Float>,
        images: Int, pool: ComputePool?, scratch: (_ worker: Int) -> UnsafeMutablePointer<Float>
    ) {
        let work = Double(tiles) * Double(weights.panels * weights.panelCount) * 4
        let shared = work < TileSplit.worthSharing ? nil : pool
        let threads = shared?.threads ?? 1
        var geometry = geometry
        geometry.input_plane = inputPlane(threads: threads)
        let transformed = scratch(0)
        let sharedTiles = sharedTiles(threads: threads)
        let count = divideUp(tiles, sharedTiles)
        for image in 0..<images {
            let source = input + image * self.input.count
            let target = output + image * self.output.count
            let added = residual.map { $0 + image * self.output.count }
            for part in 0..<count {
                let range = part * tiles / count..<(part + 1) * tiles / count
                transform(source, geometry, range, to: transformed, pool: shared)
                let chunks = chunks(of: range.count, threads: threads)
                ComputePool.run(on: shared, chunks.count * chunks.panelGroups) { task, worker in
                    let (group, chunk) = task.quotientAndRemainder(dividingBy: chunks.count)
                    let inner = chunk * range.count / chunks.count..<(chunk + 1) * range.count / chunks.count
                    let panels =
                        group * weights.panels / chunks.panelGroups..<(group + 1) * weights.panels / chunks.panelGroups
                    multiply(
                        transformed + inner.lowerBound * geometry.input_stride, geometry,
                        tiles: range.lowerBound + inner.lowerBound..<range.lowerBound + inner.upperBound, panels,
                        residual: added, output: target,
                        products: scratch(worker) + geometry.input_plane * Self.planes)
                }
            }
        }
    }

    private func transform(
        _ input: UnsafePointer<Float>, _ geometry: f32_winograd, _ range: Range<Int>,
        to transformed: UnsafeMutablePointer<Float>, pool: ComputePool?
    ) {
        let functions = kernels.functions
        let tasks = pool.map { min(range.count, 2 * $0.threads) } ?? 1
        ComputePool.run(on: pool, tasks) { task, _ in
            var geometry = geometry
            let (first, end) = (task * range.count / tasks, (task + 1) * range.count / tasks)
            functions.winograd_input(
                &geometry, input, transformed + first * geometry.input_stride, range.lowerBound + first,
                range.lowerBound + end)
        }
    }

    /// The output channels of `panels` for `tiles`, the first of which `transformed` begins with.
    private func multiply(
        _ transformed: UnsafePointer<Float>, _ geometry: f32_winograd, tiles: Range<Int>, _ panels: Range<Int>,
        residual: UnsafePointer<Float>?, output: UnsafeMutablePointer<Float>, products: UnsafeMutablePointer<Float>
    ) {
        let functions = kernels.functions
        let (columns, igemm) = (functions.tile_columns, functions.igemm)
        let rows = RowTiles(rows: tiles.count, tileRows: functions.tile_rows)
        let transformedWeights = products + geometry.product_plane * Self.planes
        var geometry = geometry
        var tile = f32_igemm(
            input: transformed, offsets: nil, input_stride: geometry.input_stride, zeros: zeros.pointer, taps: 1,
            channels: weights.channels, weights: transformedWeights, bias: zeros.pointer, residual: nil,
            output: products, output_stride: columns, columns: columns, lower: -.infinity, upper: .infinity,
            ahead: nil, ahead_step: 0)
        let steps = steps
        for panel in panels {
            let column = panel * columns
            tile.columns = min(columns, weights.outputs - column)
            for firstChannel in stride(from: 0, to: weights.channels, by: steps.channels) {
                tile.channels = min(steps.channels, weights.channels - firstChannel)
                let source = weights.weights.pointer + (panel * weights.panelCount + firstChannel * columns)
                let following = following(panel, firstChannel, of: panels)
                let share = tile.channels * columns / (Self.planesOfTap * rows.count)
                tile.ahead_step = divideUp(share * MemoryLayout<Float>.stride, tile.channels)
                for index in 0..<Self.planes {
                    let (line, place) = (index / Self.span, index % (steps.lines * Self.span))
                    if place == 0 {
                        functions.winograd_weights(
                            source, weights.channels * columns, tile.channels * columns, line, line + steps.lines,
                            transformedWeights, weightPlane)
                    }
                    tile.weights = UnsafePointer(transformedWeights) + place * weightPlane
                    for row in 0..<rows.count {
                        let first = rows.start(row)
                        tile.input =
                            transformed
                            + (index * geometry.input_plane + first * geometry.input_stride + firstChannel)
                        tile.output = products + (index * geometry.product_plane + first * columns)
                        // Added to the sums of the channels before.
                        tile.residual = firstChannel > 0 ? UnsafePointer(tile.output) : nil
                        let (tap, part) = index.quotientAndRemainder(dividingBy: Self.planesOfTap)
                        tile.ahead = following.map {
                            UnsafeRawPointer(
                                $0 + (tap * weights.channels * columns + (part * rows.count + row) * share))
                        }
                        igemm[rows.rows(row) - 1](&tile)
                    }
                }
            }
            functions.winograd_output(
                &geometry, products, weights.bias.pointer + column, column, residual, output, tiles.lowerBound,
                tiles.upperBound)
        }
    }

    /// The weights that are transformed after those of a panel from `firstChannel` on.
    private func following(_ panel: Int, _ firstChannel: Int, of panels: Range<Int>) -> UnsafePointer<Float>? {
        let next = firstChannel + steps.channels
        if next < weights.channels {
            return weights.weights.pointer + (panel * weights.panelCount + next * kernels.functions.tile_columns)
        }
        return panel + 1 < panels.upperBound ? weights.weights.pointer + (panel + 1) * weights.panelCount : nil
    }

    /// How tiles that were transformed together are handed out: in chunks of them, and those in groups of panels.
    private func chunks(of tiles: Int, threads: Int) -> (count: Int, panelGroups: Int) {
        let blocks = divideUp(tiles, Self.blockTiles)
        guard threads > 1 else { return (blocks, 1) }
        // Panels first: then each thread reads its own part of the weights.
        let wanted = 4 * threads
        let groups = min(weights.panels, wanted)
        return (max(blocks, min(divideUp(wanted, groups), divideUp(tiles, kernels.functions.tile_rows))), groups)
    }

    private func sharedTiles(threads: Int) -> Int { min(tiles, Self.blockTiles * min(threads, Self.sharedBlocks)) }

    private func inputPlane(threads: Int) -> Int { Self.plane(sharedTiles(threads: threads) * geometry.input_stride) }

    /// Floats from one of the 36 matrices to the next: not a multiple of a page, where they would push each other out of
    /// the cache.
    private static func plane(_ count: Int) -> Int { divideUp(count, 1024) * 1024 + 16 }
}
