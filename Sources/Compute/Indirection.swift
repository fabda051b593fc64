/// For every output pixel and tap of a convolution, where the input pixel under it starts: in floats from the
/// image's first, or negative in the padding. The same for every image.
///
/// Laid out tile by tile as `[tap][row]`, so that the tile whose first row is `r` starts at `r × taps`.
///
/// Sendable: written only by the initialiser.
final class Indirection: @unchecked Sendable {
    let offsets: UnsafePointer<Int32>
    /// Of one image.
    let tiles: RowTiles
    /// In entries, 512 MiB: a 3×3 convolution of 3,800×3,800 pixels has 130 million.
    static let largestTable = 1 << 27
    private let memory: UnsafeMutablePointer<Int32>

    /// Of a convolution, whose window slides over `input`, which has been checked to be addressable with 32 bits.
    convenience init(
        window: Window, input: FeatureMap, output: FeatureMap, tiles: RowTiles
    ) throws(ComputeError) {
        try self.init(window: window, input: input, output: output, tiles: tiles) { outputY, outputX, tapY, tapX in
            (
                outputY * window.strideHeight + tapY * window.dilationHeight - window.padding.top,
                outputX * window.strideWidth + tapX * window.dilationWidth - window.padding.left
            )
        }
    }

    /// Of a transposed convolution, whose window slides over `output`: a tap reads the input pixel at whose position of the
    /// window it covers the output pixel, if there is one.
    convenience init(
        transposed window: Window, input: FeatureMap, output: FeatureMap, tiles: RowTiles
    ) throws(ComputeError) {
        try self.init(window: window, input: input, output: output, tiles: tiles) { outputY, outputX, tapY, tapX in
            let y = outputY + window.padding.top - tapY * window.dilationHeight
            let x = outputX + window.padding.left - tapX * window.dilationWidth
            let covers = y.isMultiple(of: window.strideHeight) && x.isMultiple(of: window.strideWidth)
            return covers ? (y / window.strideHeight, x / window.strideWidth) : (-1, -1)
        }
    }

    /// - Parameter place: the row and column of the input that a tap at an output pixel reads, in the padding where outside.
    private init(
        window: Window, input: FeatureMap, output: FeatureMap, tiles: RowTiles,
        place: (_ outputY: Int, _ outputX: Int, _ tapY: Int, _ tapX: Int) -> (y: Int, x: Int)
    ) throws(ComputeError) {
        let taps = window.kernelHeight * window.kernelWidth
        guard let count = product(output.height, output.width, taps), count <= Self.largestTable else {
            throw .tooLarge(what: "a convolution's table of input pixels", limit: Self.largestTable)
        }
        memory = .allocate(capacity: count)
        offsets = UnsafePointer(memory)
        self.tiles = tiles
        var next = memory
        for tile in 0..<tiles.count {
            let first = tiles.start(tile)
            let rows = first..<first + tiles.rows(tile)
            for tapY in 0..<window.kernelHeight {
                for tapX in 0..<window.kernelWidth {
                    for row in rows {
                        let (outputY, outputX) = row.quotientAndRemainder(dividingBy: output.width)
                        let (y, x) = place(outputY, outputX, tapY, tapX)
                        let inside = y >= 0 && y < input.height && x >= 0 && x < input.width
                        next.initialize(to: inside ? Int32((y * input.width + x) * input.channels) : -1)
                        next += 1
                    }
                }
            }
        }
    }

    deinit { memory.deallocate() }
}
