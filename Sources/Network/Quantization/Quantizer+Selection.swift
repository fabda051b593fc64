import Compute

extension Quantizer {
    /// A network on grids, and how it compares.
    public struct Selection: Sendable {
        public let graph: Graph
        /// The layers that stay in float32, the most sensitive first.
        public let wide: [String]
        /// With the original, on the images that decided.
        public let agreement: Agreement
    }

    /// The network on grids with as few layers in float32 as it takes for the mean cosine of its features to reach `target`.
    ///
    /// Where all layers of 8 bits miss it, each is put on its grid alone to see what that does; then the worst stay in float32, how many
    /// is found by bisection.
    ///
    /// - Parameters:
    ///   - images: `H × W × C` floats each, to compare on.
    ///   - onProgress: called with how many networks were compared, and how many will be at most.
    /// - Throws: ``QuantizationError``
    public func select(
        by method: CalibrationMethod, images: [[Float]], target: Double, onProgress: (Int, Int) -> Void = { _, _ in }
    ) throws(QuantizationError) -> Selection {
        var (done, total) = (0, 1)
        func selection(wide: [String]) throws(QuantizationError) -> Selection {
            let graph = try quantized(by: method, wide: Set(wide))
            var comparison = try Comparison(of: graph, with: self)
            for image in images { try comparison.add(image) }
            done += 1
            onProgress(done, total)
            return Selection(graph: graph, wide: wide, agreement: comparison.agreement)
        }
        let narrow = try selection(wide: [])
        if narrow.agreement.meanCosine >= target { return narrow }
        let layers = layers
        total += layers.count + Int.bitWidth - layers.count.leadingZeroBitCount
        var cosines: [String: Double] = [:]
        for layer in layers {
            cosines[layer] = try selection(wide: layers.filter { $0 != layer }).agreement.meanCosine
        }
        let worst = layers.sorted { cosines[$0, default: 0] < cosines[$1, default: 0] }
        // With all of them in float32 it is the original.
        var (tooFew, best) = (0, try selection(wide: worst))
        while best.wide.count - tooFew > 1 {
            let middle = try selection(wide: Array(worst.prefix((tooFew + best.wide.count) / 2)))
            if middle.agreement.meanCosine >= target { best = middle } else { tooFew = middle.wide.count }
        }
        return best
    }
}
