import CKernels

extension Window {
    /// The map that the window's positions form on `input`, with `channels` channels.
    func output(on input: FeatureMap, channels: Int) throws(ComputeError) -> FeatureMap {
        guard input.channels > 0, channels > 0, let size = outputSize(height: input.height, width: input.width) else {
            throw .windowMismatch(window: self, map: input)
        }
        let output = FeatureMap(height: size.height, width: size.width, channels: channels)
        _ = try input.addressableCount()
        _ = try output.addressableCount()
        return output
    }

    /// The window as kernels take it, for an output that ``output(on:channels:)`` approved.
    func geometry(on input: FeatureMap, output: FeatureMap) -> f32_window {
        f32_window(
            height: input.height, width: input.width, channels: input.channels, output_width: output.width,
            kernel_height: kernelHeight, kernel_width: kernelWidth,
            stride_height: strideHeight, stride_width: strideWidth,
            dilation_height: dilationHeight, dilation_width: dilationWidth,
            padding_top: padding.top, padding_left: padding.left)
    }

    /// Whether every position has at least one tap inside `input`.
    func touchesEverywhere(_ input: FeatureMap, output: FeatureMap) -> Bool {
        func touches(
            _ positions: Int, _ stride: Int, _ before: Int, _ kernel: Int, _ dilation: Int, _ extent: Int
        ) -> Bool {
            (0..<positions).allSatisfy { position in
                (0..<kernel).contains { (0..<extent).contains(position * stride - before + $0 * dilation) }
            }
        }
        return touches(output.height, strideHeight, padding.top, kernelHeight, dilationHeight, input.height)
            && touches(output.width, strideWidth, padding.left, kernelWidth, dilationWidth, input.width)
    }
}

extension FeatureMap {
    /// ``count``, or an error where a kernel's 32-bit offsets do not reach all of one image.
    func addressableCount() throws(ComputeError) -> Int {
        let limit = Int(Int32.max)
        guard let count = product(height, width, channels), count <= limit else {
            throw .tooLarge(what: "a feature map of \(self)", limit: limit)
        }
        return count
    }
}

/// The product of extents, or `nil` where one is negative or the product does not fit an `Int`.
func product(_ extents: Int...) -> Int? {
    var result = 1
    for extent in extents {
        let (product, overflow) = result.multipliedReportingOverflow(by: extent)
        guard extent >= 0, !overflow else { return nil }
        result = product
    }
    return result
}
