import Compute

/// What ONNX Runtime asks of a pool: less padding on a side than the kernel has rows or columns, also where it is dilated and
/// reaches further.
extension Window {
    var hasPaddingBeyondKernel: Bool {
        max(padding.top, padding.bottom) >= kernelHeight || max(padding.left, padding.right) >= kernelWidth
    }

    /// The window that has the same positions on a map of this size where their number is rounded up (`ceil_mode`); `nil` where
    /// there is none with less padding, or no need for one.
    func withLessPadding(height: Int, width: Int) -> Window? {
        guard hasPaddingBeyondKernel,
            let bottom = Self.trimmed(
                height, (padding.top, padding.bottom), kernel: kernelHeight, dilation: dilationHeight,
                stride: strideHeight),
            let right = Self.trimmed(
                width, (padding.left, padding.right), kernel: kernelWidth, dilation: dilationWidth, stride: strideWidth)
        else { return nil }
        var window = self
        (window.padding.bottom, window.padding.right) = (bottom, right)
        return window
    }

    private static func trimmed(
        _ extent: Int, _ padding: (before: Int, after: Int), kernel: Int, dilation: Int, stride: Int
    ) -> Int? {
        let room = extent + padding.before + padding.after - (dilation * (kernel - 1) + 1)
        let cut = max(padding.after - (kernel - 1), room % stride)
        // The last position must begin before the padding at the end.
        guard padding.before < kernel, cut <= padding.after, (room - cut + stride - 1) / stride == room / stride,
            room / stride * stride < extent + padding.before
        else { return nil }
        return padding.after - cut
    }
}
