extension Window: CustomStringConvertible {
    /// `3×3 window (stride 2×2, dilation 1×1, padding top 1, left 1, bottom 1, right 1)`
    public var description: String {
        "\(kernelHeight)×\(kernelWidth) window (stride \(strideHeight)×\(strideWidth), "
            + "dilation \(dilationHeight)×\(dilationWidth), padding \(padding))"
    }
}

extension EdgeInsets: CustomStringConvertible {
    public var description: String { "top \(top), left \(left), bottom \(bottom), right \(right)" }
}
