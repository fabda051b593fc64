import Compute
import Network

/// Operators that slide a window over a map. Maps of one spatial axis count as maps of height 1.
extension ONNXImporter {
    mutating func convolution(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let weights = try weights(node, 1)
        let bias = try optionalInput(node, 2) == nil ? nil : try self.weights(node, 2)
        return try convolution(
            node, try input(node, 0), weights: weights, grid: weightGrids[node.inputs[1]], bias: bias)
    }

    /// - Parameter weights: `[outputs, inputs / groups, …]`, the kernel's extents last.
    mutating func convolution(
        _ node: ONNXNode, _ value: ONNXValue, weights: Tensor, grid: ONNXWeightGrid?, bias: Tensor?
    ) throws(ModelFormatError) -> ONNXValue {
        let (features, axes) = try map(node, value)
        let weights = try square(weights, axes: axes, node)
        let kernel = Array(weights.shape[2...])
        let groups = try groups(node)
        let channels = features.shape[0]
        guard channels.isMultiple(of: groups), weights.shape[1] == channels / groups,
            weights.shape[0].isMultiple(of: groups)
        else {
            throw node.malformed(
                "weights", expected: "channels that fall into \(groups) groups of an input of \(channels)",
                found: "shape \(weights.shape)")
        }
        try checkKernel(node, kernel, axes: axes)
        // Each group is packed on its own, into whole panels.
        if groups > 1, groups < channels || weights.shape[0] > channels {
            try budget.spend(groups * (1024 + 128 * weights.count / weights.shape[0]), for: node.location)
        }
        let window = try window(node, kernel: kernel, axes: axes, over: features.shape)
        let scales = grid?.scales(along: 0, outputs: weights.shape[0])
        let layer = Convolution(weights: weights, weightScales: scales, bias: bias, window: window, groups: groups)
        return try line(node, append(node, .convolution(layer), [features]), axes: axes)
    }

    private func groups(_ node: ONNXNode) throws(ModelFormatError) -> Int {
        let groups = try node.integer("group") ?? 1
        guard groups >= 1 else {
            throw node.malformed("attribute 'group'", expected: "at least 1", found: "\(groups)")
        }
        return Int(groups)
    }

    mutating func transposedConvolution(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let (features, axes) = try map(node, try input(node, 0))
        let weights = try square(try weights(node, 1), axes: axes, node)
        let bias = try optionalInput(node, 2) == nil ? nil : try self.weights(node, 2)
        let kernel = Array(weights.shape[2...])
        try checkKernel(node, kernel, axes: axes)
        var window = try self.window(node, kernel: kernel, axes: axes)
        let extra = try pair(node, "output_padding", axes: axes, default: 0)
        let reach = [window.reachHeight, window.reachWidth]
        let strides = [window.strideHeight, window.strideWidth]
        guard extra.allSatisfy((0...65536).contains) else {
            throw node.malformed("attribute 'output_padding'", expected: "0 to 65536", found: "\(extra)")
        }
        // All factors are at most 2^16: no overflow.
        let extents = [features.shape[1], features.shape[2]]
        let full = (0..<2).map { (axis: Int) -> Int in strides[axis] * (extents[axis] - 1) + extra[axis] + reach[axis] }
        var pads = try explicitPadding(node, axes: axes)
        let rule = try node.string("auto_pad") ?? "NOTSET"
        var size = try node.integers("output_shape", count: axes).map { axes == 1 ? [1] + $0 : $0 }
        if size == nil, rule.hasPrefix("SAME") { size = zip(extents, strides).map { $0 * $1 } }
        if let size {
            let total = zip(full, size).map { $0 - $1 }
            guard total.allSatisfy((-65536...1 << 20).contains) else {
                throw node.malformed("attribute 'output_shape'", expected: "about \(full)", found: "\(size)")
            }
            // The odd one to the end where the rule says SAME_UPPER, else to the beginning.
            let begin = total.map { rule == "SAME_UPPER" ? max(0, $0) / 2 : max(0, $0) - max(0, $0) / 2 }
            pads = EdgeInsets(top: begin[0], left: begin[1], bottom: total[0] - begin[0], right: total[1] - begin[1])
        } else if rule == "VALID" {
            pads = EdgeInsets()
        }
        let output = (height: full[0] - pads.top - pads.bottom, width: full[1] - pads.left - pads.right)
        guard output.height > 0, output.width > 0, pads.top >= 0, pads.left >= 0 else {
            throw node.malformed("attribute 'pads'", expected: "less than the output \(full)", found: "\(pads)")
        }
        // What lies beyond the last window gets the bias alone.
        window.padding = EdgeInsets(
            top: pads.top, left: pads.left, bottom: max(0, pads.bottom), right: max(0, pads.right))
        let layer = TransposedConvolution(
            weights: weights, bias: bias, window: window, groups: try groups(node),
            outputSize: output)
        return try line(node, append(node, .transposedConvolution(layer), [features]), axes: axes)
    }

    mutating func maxPool(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let (features, axes) = try map(node, try input(node, 0))
        let window = try poolingWindow(node, axes: axes, over: features.shape)
        return try line(node, append(node, .maxPool(window), [features]), axes: axes)
    }

    mutating func averagePool(_ node: ONNXNode, _ value: ONNXValue) throws(ModelFormatError) -> ONNXValue {
        var (features, axes) = try map(node, value)
        var window = try poolingWindow(node, axes: axes, over: features.shape)
        let countsPadding = try node.integer("count_include_pad") ?? 0 != 0
        let isCeiling = try node.integer("ceil_mode") ?? 0 != 0
        if countsPadding, isCeiling {
            // What the rounding up of the size adds does not count: the padding that does becomes part of the map.
            let declared = try padding(node, of: window, over: features.shape)
            let padded = try append(node, .pad(declared), [features])
            guard case .features(let map) = padded else { return padded }
            features = map
            window.padding = EdgeInsets(
                bottom: window.padding.bottom - declared.bottom, right: window.padding.right - declared.right)
        }
        let operation = Operation.averagePool(window, countsPadding: countsPadding && !isCeiling)
        return try line(node, append(node, operation, [features]), axes: axes)
    }

    mutating func globalPool(
        _ node: ONNXNode, _ value: ONNXValue, _ reduction: Reduction
    ) throws(ModelFormatError) -> ONNXValue {
        guard case .features(let features) = value else {
            throw node.unsupported("input 0", found: value.kind, supported: "activations here")
        }
        guard features.shape.count >= 2 else {
            throw node.unsupported("input 0", found: "shape \(features.shape)", supported: "[C, H, W] an image")
        }
        if features.shape.count == 3, reduction == .mean { return try append(node, .globalAveragePool, [features]) }
        return try append(
            node, .reduce(reduction, axes: Array(1..<features.shape.count)), [features])
    }

    /// A value as a map `[C, H, W]`, and how many spatial axes it has in the file.
    private mutating func map(
        _ node: ONNXNode, _ value: ONNXValue
    ) throws(ModelFormatError) -> (features: ONNXValue.Features, axes: Int) {
        guard case .features(let features) = value else {
            throw node.unsupported("input 0", found: value.kind, supported: "activations here")
        }
        if features.shape.count == 3 { return (features, 2) }
        guard features.shape.count == 2 else {
            throw node.unsupported(
                "input 0", found: "shape \(features.shape) an image", supported: "one or two spatial axes")
        }
        let map = try append(node, .reshape([features.shape[0], 1, features.shape[1]]), [features])
        guard case .features(let map) = map else { return (features, 1) }
        return (map, 1)
    }

    /// A map back to as many spatial axes as the file has.
    private mutating func line(
        _ node: ONNXNode, _ value: ONNXValue, axes: Int
    ) throws(ModelFormatError) -> ONNXValue {
        guard axes == 1, case .features(let map) = value else { return value }
        return try append(node, .reshape([map.shape[0], map.shape[2]]), [map])
    }

    private func square(_ weights: Tensor, axes: Int, _ node: ONNXNode) throws(ModelFormatError) -> Tensor {
        guard weights.shape.count == axes + 2 else {
            throw node.malformed(
                "weights", expected: "\(axes + 2) axes for an input of \(axes) spatial ones",
                found: "shape \(weights.shape)")
        }
        if axes == 2 { return weights }
        let shape = [weights.shape[0], weights.shape[1], 1, weights.shape[2]]
        guard let map = try? weights.reshaped(shape) else {
            throw node.malformed("weights", expected: "shape \(shape)", found: "shape \(weights.shape)")
        }
        return map
    }

    private func checkKernel(_ node: ONNXNode, _ kernel: [Int], axes: Int) throws(ModelFormatError) {
        let declared = try node.integers("kernel_shape", count: axes) ?? Array(kernel.suffix(axes))
        guard declared == Array(kernel.suffix(axes)) else {
            throw node.malformed(
                "attribute 'kernel_shape'", expected: "the weights' extents \(kernel)", found: "\(declared)")
        }
    }

    /// An attribute of one integer a spatial axis, as height and width.
    private func pair(
        _ node: ONNXNode, _ name: String, axes: Int, default standard: Int
    ) throws(ModelFormatError) -> [Int] {
        let values = try node.integers(name, count: axes) ?? Array(repeating: standard, count: axes)
        return axes == 1 ? [standard] + values : values
    }

    private func explicitPadding(_ node: ONNXNode, axes: Int) throws(ModelFormatError) -> EdgeInsets {
        let pads = try node.integers("pads", count: 2 * axes) ?? Array(repeating: 0, count: 2 * axes)
        guard pads.allSatisfy({ (0...65536).contains($0) }) else {
            throw node.unsupported("attribute 'pads'", found: "\(pads)", supported: "from 0 to 65536")
        }
        return axes == 1
            ? EdgeInsets(left: pads[0], right: pads[1])
            : EdgeInsets(top: pads[0], left: pads[1], bottom: pads[2], right: pads[3])
    }

    /// A window without its padding.
    private func window(_ node: ONNXNode, kernel: [Int], axes: Int) throws(ModelFormatError) -> Window {
        let strides = try pair(node, "strides", axes: axes, default: 1)
        let dilations = try pair(node, "dilations", axes: axes, default: 1)
        guard (kernel + strides + dilations).allSatisfy({ (1...65536).contains($0) }) else {
            throw node.malformed(
                "window", expected: "extents, strides and dilations from 1 to 65536",
                found: "kernel \(kernel), strides \(strides), dilations \(dilations)")
        }
        return Window(
            kernelHeight: kernel[0], kernelWidth: kernel[1], strideHeight: strides[0], strideWidth: strides[1],
            dilationHeight: dilations[0], dilationWidth: dilations[1])
    }

    private func window(
        _ node: ONNXNode, kernel: [Int], axes: Int, over map: [Int]
    ) throws(ModelFormatError) -> Window {
        var window = try window(node, kernel: kernel, axes: axes)
        window.padding = try padding(node, of: window, over: map)
        guard window.outputSize(height: map[1], width: map[2]) != nil else {
            throw node.malformed(
                "window", expected: "one that fits the map \(map)",
                found: "kernel \(kernel), dilations \(dilations(window)), padding \(window.padding)")
        }
        return window
    }

    private func dilations(_ window: Window) -> [Int] { [window.dilationHeight, window.dilationWidth] }

    /// With `ceil_mode`, the window's padding grows at the end so that the last, incomplete position exists, where it
    /// begins inside the map or its first padding.
    private func poolingWindow(
        _ node: ONNXNode, axes: Int, over map: [Int]
    ) throws(ModelFormatError) -> Window {
        guard let kernel = try node.integers("kernel_shape", count: axes) else {
            throw node.malformed("attribute 'kernel_shape'", expected: "\(axes) integers", found: "none")
        }
        var window = try window(node, kernel: axes == 1 ? [1] + kernel : kernel, axes: axes, over: map)
        // A window that sees nothing but padding has no largest element and no mean.
        let (vertical, horizontal) = (window.reachHeight, window.reachWidth)
        guard max(window.padding.top, window.padding.bottom) < vertical,
            max(window.padding.left, window.padding.right) < horizontal
        else {
            throw node.unsupported(
                "attribute 'pads'", found: "\(window.padding)",
                supported: "less than the window's extents \(vertical)×\(horizontal)")
        }
        if try node.integer("ceil_mode") ?? 0 != 0 {
            window.padding.bottom += Self.overhang(
                map[1], window.padding.top, window.padding.bottom, reach: vertical, stride: window.strideHeight)
            window.padding.right += Self.overhang(
                map[2], window.padding.left, window.padding.right, reach: horizontal, stride: window.strideWidth)
        }
        return window
    }

    private static func overhang(_ extent: Int, _ before: Int, _ after: Int, reach: Int, stride: Int) -> Int {
        let room = extent + before + after - reach
        let positions = (room + stride - 1) / stride
        // The last position must begin before the padding at the end.
        return room % stride == 0 || positions * stride >= extent + before ? 0 : positions * stride - room
    }

    private func padding(
        _ node: ONNXNode, of window: Window, over map: [Int]
    ) throws(ModelFormatError) -> EdgeInsets {
        let rule = try node.string("auto_pad") ?? "NOTSET"
        switch rule {
        case "NOTSET":
            let pads = try node.integers("pads") ?? []
            return try explicitPadding(node, axes: pads.count == 2 ? 1 : 2)
        case "VALID":
            return EdgeInsets()
        case "SAME_UPPER", "SAME_LOWER":
            // As many positions as ⌈extent / stride⌉; an odd one out goes to the end or to the beginning.
            let vertical = max(
                0, ((map[1] - 1) / window.strideHeight) * window.strideHeight + window.reachHeight - map[1])
            let horizontal = max(
                0, ((map[2] - 1) / window.strideWidth) * window.strideWidth + window.reachWidth - map[2])
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
