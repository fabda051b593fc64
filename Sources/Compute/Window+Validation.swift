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
    private func touchesEverywhere(_ input: FeatureMap, output: FeatureMap) -> Bool {
        func touches(
            _ positions: Int, _ stride: Int, _ before: Int, _ kernel: Int, _ dilation: Int, _ extent: Int
        ) -> Bool {
            (0..<positions).allSatisfy { position in
                let start = position * stride - before
                let firstTap = start < 0 ? (dilation - 1 - start) / dilation : 0
                return firstTap < kernel && start + firstTap * dilation < extent
            }
        }
        return touches(output.height, strideHeight, padding.top, kernelHeight, dilationHeight, input.height)
            && touches(output.width, strideWidth, padding.left, kernelWidth, dilationWidth, input.width)
    }

    /// The output map and the geometry of a pooling, for which a window in the padding alone has no meaning.
    func pooling(on input: FeatureMap) throws(ComputeError) -> (FeatureMap, f32_window) {
        let output = try output(on: input, channels: input.channels)
        guard touchesEverywhere(input, output: output) else { throw .windowInPadding(window: self, map: input) }
        return (output, geometry(on: input, output: output))
    }
}
