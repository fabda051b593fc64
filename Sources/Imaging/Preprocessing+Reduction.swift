extension Preprocessing {
    /// How many times smaller along both sides, 1, 2 or 4, a JPEG may be decoded so that this preprocessing's tensor keeps
    /// a cosine above 0.999 to that of the full-size decoding.
    ///
    /// A smaller inverse DCT drops the upper frequencies of each block more abruptly than a resize does, so more pixels
    /// must be left than the network wants. The least cosine over scikit-image's photographs and scans (chelsea, coffee,
    /// astronaut, rocket, hubble_deep_field, retina, page, text, …) and its closest textures (grass, gravel, brick), each
    /// at its own size, tiled and enlarged, JPEG quality 90 and 95, with k pixels left for one of the tensor's:
    ///
    ///     k     1/2      1/4      1/8         (grass or gravel everywhere; photographs stay above
    ///     2     0.9988   0.9972   0.9936       0.9998, 0.9997 and 0.9996 from k = 2 on)
    ///     2.5   0.9994   0.9987   0.9965
    ///     3     0.9996   0.9991   0.9975
    ///     4     0.9996   0.9993   0.9975
    ///
    /// So 1/2 from 2.5 on, 1/4 from 3 on, 1/8 never. White noise, which no lens gives, falls to 0.97, by at most 9 levels.
    /// A photograph of 1920 × 1281 for 224 × 224 takes 3.3 + 0.4 ms to decode and preprocess so, 4.5 + 1.1 ms otherwise.
    func reductionFactor(width: Int, height: Int) -> Int {
        let framing = framing(width: width, height: height)
        let (part, resized) = (framing.part, (width: Double(framing.width), height: Double(framing.height)))
        let available = min(
            Double(part.right - part.left) / resized.width, Double(part.bottom - part.top) / resized.height)
        if available >= 4 * 3 { return 4 }
        return available >= 2 * 2.5 ? 2 : 1
    }

    /// The pixels that this preprocessing's tensor is made of, of whichever view.
    func neededRegion(of picture: Reduction) -> PixelRegion {
        let framing = framing(width: picture.fullWidth, height: picture.fullHeight)
        let box = picture.box(framing.part)
        let columns = ResamplingTable.inputs(
            inputCount: picture.width, span: (box.left, box.right), outputCount: framing.width,
            kept: framing.left..<framing.left + width, interpolation: interpolation)
        let rows = ResamplingTable.inputs(
            inputCount: picture.height, span: (box.top, box.bottom), outputCount: framing.height,
            kept: framing.top..<framing.top + height, interpolation: interpolation)
        // A corner view is less reduced than the whole; where it is enlarged its kernel may begin a pixel earlier.
        return PixelRegion(columns: columns, rows: rows)
            .widened(by: 2, width: picture.width, height: picture.height)
    }
}
