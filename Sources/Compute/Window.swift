/// The window that a convolution or a pooling slides over a feature map.
public struct Window: Sendable, Hashable {
    public var kernelHeight: Int
    public var kernelWidth: Int
    public var strideHeight: Int
    public var strideWidth: Int
    public var dilationHeight: Int
    public var dilationWidth: Int
    public var padding: EdgeInsets

    public init(
        kernelHeight: Int, kernelWidth: Int, strideHeight: Int = 1, strideWidth: Int = 1,
        dilationHeight: Int = 1, dilationWidth: Int = 1, padding: EdgeInsets = EdgeInsets()
    ) {
        self.kernelHeight = kernelHeight
        self.kernelWidth = kernelWidth
        self.strideHeight = strideHeight
        self.strideWidth = strideWidth
        self.dilationHeight = dilationHeight
        self.dilationWidth = dilationWidth
        self.padding = padding
    }

    /// A square kernel with one stride and one padding on all sides.
    public init(kernel: Int, stride: Int = 1, padding: Int = 0) {
        self.init(
            kernelHeight: kernel, kernelWidth: kernel, strideHeight: stride, strideWidth: stride,
            padding: EdgeInsets(top: padding, left: padding, bottom: padding, right: padding))
    }

    /// The number of positions along each axis: `(W − D(F − 1) − 1 + P) / S + 1`, rounded down;
    /// `nil` where an extent of the window is not positive, a padding negative, or the window does not fit the map.
    public func outputSize(height: Int, width: Int) -> (height: Int, width: Int)? {
        guard
            let outputHeight = Self.positions(
                height, kernelHeight, strideHeight, dilationHeight, padding.top, padding.bottom),
            let outputWidth = Self.positions(
                width, kernelWidth, strideWidth, dilationWidth, padding.left, padding.right)
        else { return nil }
        return (outputHeight, outputWidth)
    }

    private static func positions(
        _ extent: Int, _ kernel: Int, _ stride: Int, _ dilation: Int, _ before: Int, _ after: Int
    ) -> Int? {
        let limit = 1 << 24  // keeps every product below far from overflow
        guard
            [extent, kernel, stride, dilation].allSatisfy({ (1...limit).contains($0) }),
            [before, after].allSatisfy({ (0...limit).contains($0) })
        else { return nil }
        let room = extent + before + after - (dilation * (kernel - 1) + 1)
        return room >= 0 ? room / stride + 1 : nil
    }
}

/// Rows and columns added around (or cut from) a feature map.
public struct EdgeInsets: Sendable, Hashable {
    public var top: Int
    public var left: Int
    public var bottom: Int
    public var right: Int

    public init(top: Int = 0, left: Int = 0, bottom: Int = 0, right: Int = 0) {
        self.top = top
        self.left = left
        self.bottom = bottom
        self.right = right
    }
}
