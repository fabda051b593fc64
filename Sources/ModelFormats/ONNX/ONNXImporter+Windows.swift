import Compute
import Network

/// Operators that slide a window over a map.
extension ONNXImporter {
    mutating func convolution(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let (features, extents) = try map(node)
        let weights = try weights(node, 1)
        guard weights.shape.count == 4 else {
            throw node.unsupported(
                "weights", found: "shape \(weights.shape)", supported: "[outputs, inputs / groups, height, width]")
        }
        let (outputs, kernel) = (weights.shape[0], Array(weights.shape[2...]))
        let groups = Int(try node.integer("group") ?? 1)
        guard groups == 1 || (groups == extents.channels && outputs == groups) else {
            throw node.unsupported(
                "attribute 'group'", found: "\(groups) (inputs: \(extents.channels), outputs: \(outputs))",
                supported: "1, or as many as inputs and outputs (depthwise)")
        }
        guard weights.shape[1] == extents.channels / groups else {
            throw node.malformed(
                "weights", expected: "\(extents.channels / groups) input channels a group",
                found: "\(weights.shape[1])")
        }
        let declared = try node.integers("kernel_shape", count: 2) ?? kernel
        guard declared == kernel else {
            throw node.malformed(
                "attribute 'kernel_shape'", expected: "the weights' extents \(kernel)", found: "\(declared)")
        }
        let bias = try optionalInput(node, 2) == nil ? nil : try self.weights(node, 2, shape: [outputs])
        let (window, height, width) = try window(node, kernel: kernel, over: extents)
        let convolution = Convolution(weights: weights, bias: bias, window: window, groups: groups)
        return try append(node, .convolution(convolution), [features], shape: [outputs, height, width])
    }

    mutating func maxPool(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let (features, extents) = try map(node)
        let (window, height, width) = try poolingWindow(node, over: extents)
        return try append(node, .maxPool(window), [features], shape: [extents.channels, height, width])
    }

    mutating func averagePool(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let (features, extents) = try map(node)
        let (window, height, width) = try poolingWindow(node, over: extents)
        let countsPadding = try node.integer("count_include_pad") ?? 0 != 0
        return try append(
            node, .averagePool(window, countsPadding: countsPadding), [features],
            shape: [extents.channels, height, width])
    }

    mutating func globalAveragePool(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let (features, extents) = try map(node)
        return try append(node, .globalAveragePool, [features], shape: [extents.channels, 1, 1])
    }

    private func poolingWindow(
        _ node: ONNXNode, over map: FeatureMap
    ) throws(ModelFormatError) -> (window: Window, height: Int, width: Int) {
        try node.refuse("ceil_mode", supported: "0, which rounds the output's size down")
        guard let kernel = try node.integers("kernel_shape", count: 2) else {
            throw node.malformed("attribute 'kernel_shape'", expected: "two integers", found: "none")
        }
        let (window, height, width) = try window(node, kernel: kernel, over: map)
        // A window that sees nothing but padding has no largest element and no mean.
        let (vertical, horizontal) = (window.reachHeight, window.reachWidth)
        let padding = window.padding
        guard max(padding.top, padding.bottom) < vertical, max(padding.left, padding.right) < horizontal else {
            throw node.unsupported(
                "attribute 'pads'", found: "\(padding)",
                supported: "less than the window's extents \(vertical)×\(horizontal)")
        }
        return (window, height, width)
    }

    private func window(
        _ node: ONNXNode, kernel: [Int], over map: FeatureMap
    ) throws(ModelFormatError) -> (window: Window, height: Int, width: Int) {
        let strides = try node.integers("strides", count: 2) ?? [1, 1]
        let dilations = try node.integers("dilations", count: 2) ?? [1, 1]
        guard (kernel + strides + dilations).allSatisfy({ (1...65536).contains($0) }) else {
            throw node.malformed(
                "window", expected: "extents, strides and dilations from 1 to 65536",
                found: "kernel \(kernel), strides \(strides), dilations \(dilations)")
        }
        var window = Window(
            kernelHeight: kernel[0], kernelWidth: kernel[1], strideHeight: strides[0], strideWidth: strides[1],
            dilationHeight: dilations[0], dilationWidth: dilations[1])
        window.padding = try padding(node, of: window, over: map)
        guard let (height, width) = window.outputSize(height: map.height, width: map.width) else {
            throw node.malformed(
                "window", expected: "one that fits the map \(map)",
                found: "kernel \(kernel), dilations \(dilations), padding \(window.padding)")
        }
        return (window, height, width)
    }

    private func padding(
        _ node: ONNXNode, of window: Window, over map: FeatureMap
    ) throws(ModelFormatError) -> EdgeInsets {
        let rule = try node.string("auto_pad") ?? "NOTSET"
        switch rule {
        case "NOTSET":
            let pads = try node.integers("pads", count: 4) ?? [0, 0, 0, 0]
            guard pads.allSatisfy({ (0...65536).contains($0) }) else {
                throw node.unsupported("attribute 'pads'", found: "\(pads)", supported: "from 0 to 65536")
            }
            return EdgeInsets(top: pads[0], left: pads[1], bottom: pads[2], right: pads[3])
        case "VALID":
            return EdgeInsets()
        case "SAME_UPPER", "SAME_LOWER":
            // As many positions as ⌈extent / stride⌉; an odd one out goes to the end or to the beginning.
            let vertical = max(
                0, ((map.height - 1) / window.strideHeight) * window.strideHeight + window.reachHeight - map.height)
            let horizontal = max(
                0, ((map.width - 1) / window.strideWidth) * window.strideWidth + window.reachWidth - map.width)
            let (top, left) =
                rule == "SAME_UPPER"
                ? (vertical / 2, horizontal / 2) : (vertical - vertical / 2, horizontal - horizontal / 2)
            return EdgeInsets(top: top, left: left, bottom: vertical - top, right: horizontal - left)
        default:
            throw node.unsupported(
                "attribute 'auto_pad'", found: rule.quoted, supported: "NOTSET, VALID, SAME_UPPER, SAME_LOWER")
        }
    }
}

extension Window {
    /// Rows from the first to the last that one position sees.
    fileprivate var reachHeight: Int { dilationHeight * (kernelHeight - 1) + 1 }
    /// Columns from the first to the last that one position sees.
    fileprivate var reachWidth: Int { dilationWidth * (kernelWidth - 1) + 1 }
}
