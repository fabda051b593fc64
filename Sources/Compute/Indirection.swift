/// For every output pixel and tap of a convolution, where the input pixel under it starts: in floats from the
/// image's first, or negative in the padding. The same for every image.
///
/// Laid out tile by tile as `[tap][row]`, so that the tile whose first row is `r` starts at `r × taps`.
///
/// Sendable: written only by the initialiser.
final class Indirection: @unchecked Sendable {
    let offsets: UnsafePointer<Int32>
    private let memory: UnsafeMutablePointer<Int32>

    /// `input` has been checked to be addressable with 32 bits.
    init(window: Window, input: FeatureMap, output: FeatureMap, tiles: RowTiles) throws(ComputeError) {
        let taps = window.kernelHeight * window.kernelWidth
        guard let count = product(output.height, output.width, taps), count <= Int(Int32.max) else {
            throw .tooLarge(what: "a convolution's table of input pixels", limit: Int(Int32.max))
        }
        memory = .allocate(capacity: count)
        offsets = UnsafePointer(memory)
        var next = memory
        for tile in 0..<tiles.count {
            let first = tiles.start(tile)
            let rows = first..<first + tiles.rows(tile)
            for tapY in 0..<window.kernelHeight {
                for tapX in 0..<window.kernelWidth {
                    for row in rows {
                        let (outputY, outputX) = row.quotientAndRemainder(dividingBy: output.width)
                        let y = outputY * window.strideHeight + tapY * window.dilationHeight - window.padding.top
                        let x = outputX * window.strideWidth + tapX * window.dilationWidth - window.padding.left
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
