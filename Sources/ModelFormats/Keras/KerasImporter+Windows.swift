import Compute
import Network

/// Layers that slide a window without weights, or change a map's borders.
extension KerasImporter {
    mutating func pooling(_ layer: KerasLayer, _ input: Value) throws(ModelFormatError) -> Value {
        let size = try layer.pair("pool_size")
        let (window, height, width) = try window(layer, kernel: size, strides: layer.pair("strides", or: size), input)
        // Keras' means, as TensorFlow's, do not count what lies beyond the border.
        let operation: Operation =
            layer.kind == .maxPooling2D ? .maxPool(window) : .averagePool(window, countsPadding: false)
        return try append(layer, operation, [input], shape: [input.shape[0], height, width])
    }

    mutating func globalPooling(_ layer: KerasLayer, _ input: Value) throws(ModelFormatError) -> Value {
        let (channels, _, _) = try map(layer, input)
        let operation: Operation =
            layer.kind == .globalAveragePooling2D ? .globalAveragePool : .reduce(.maximum, axes: [1, 2])
        let pooled = try append(layer, operation, [input], shape: [channels, 1, 1])
        return try layer.bool("keepdims", or: false)
            ? pooled : try append(layer, .flatten, [pooled], shape: [channels])
    }

    /// `ZeroPadding2D` and `Cropping2D`.
    mutating func padding(_ layer: KerasLayer, _ input: Value) throws(ModelFormatError) -> Value {
        let (channels, height, width) = try map(layer, input)
        if layer.kind == .zeroPadding2D {
            let edges = try layer.edges("padding")
            return try append(
                layer, .pad(edges), [input],
                shape: [channels, height + edges.top + edges.bottom, width + edges.left + edges.right])
        }
        let edges = try layer.edges("cropping")
        guard edges.top + edges.bottom < height, edges.left + edges.right < width else {
            throw layer.malformed("cropping", expected: "less than \(height)×\(width)", found: "\(edges)")
        }
        try checkSelected(layer, input.shape)
        return try select(
            layer, input, rows: Array(edges.top..<height - edges.bottom),
            columns: Array(edges.left..<width - edges.right))
    }

    mutating func upSampling(_ layer: KerasLayer, _ input: Value) throws(ModelFormatError) -> Value {
        let (channels, height, width) = try map(layer, input)
        let (factors, method) = (try layer.pair("size", or: [2, 2]), layer.config["interpolation"].string ?? "nearest")
        guard method == "nearest" else {
            throw layer.unsupported("interpolation", found: method.quoted, supported: "'nearest'")
        }
        // Extents and factors are at most 2^28 and 2^16: no overflow.
        let extents = [height * factors[0], width * factors[1]]
        try checkSelected(layer, [channels] + extents)
        return try select(
            layer, input, rows: (0..<extents[0]).map { $0 / factors[0] },
            columns: (0..<extents[1]).map { $0 / factors[1] })
    }

    /// Selections list every index: those that a network of images could need.
    private func checkSelected(_ layer: KerasLayer, _ shape: [Int]) throws(ModelFormatError) {
        guard shape.allSatisfy({ $0 <= 65536 }) else {
            throw layer.unsupported("output", found: "shape \(shape)", supported: "extents of at most 65536")
        }
    }

    private mutating func select(
        _ layer: KerasLayer, _ input: Value, rows: [Int], columns: [Int]
    ) throws(ModelFormatError) -> Value {
        let selection = Selection(indices: [Array(0..<input.shape[0]), rows, columns])
        // A layer that is called often lists them each time.
        try budget.spend(
            selection.indices.reduce(0) { $0 + MemoryLayout<Int>.stride * $1.count }, for: layer.location)
        return try append(layer, .select(selection), [input], shape: selection.indices.map(\.count))
    }

    /// Whether the layer's padding is `same`, and not `valid`.
    func isSame(_ layer: KerasLayer) throws(ModelFormatError) -> Bool {
        switch layer.config["padding"].string ?? "valid" {
        case "same": return true
        case "valid": return false
        case let other: throw layer.unsupported("padding", found: other.quoted, supported: "'same', 'valid'")
        }
    }

    /// The window over a map. `same` means as many positions as ⌈extent / stride⌉, and an odd row or column of padding
    /// goes to the end.
    func window(
        _ layer: KerasLayer, kernel: [Int], strides: [Int], _ input: Value
    ) throws(ModelFormatError) -> (window: Window, height: Int, width: Int) {
        let (_, height, width) = try map(layer, input)
        let dilations = try layer.pair("dilation_rate", or: [1, 1])
        var window = Window(
            kernelHeight: kernel[0], kernelWidth: kernel[1], strideHeight: strides[0], strideWidth: strides[1],
            dilationHeight: dilations[0], dilationWidth: dilations[1])
        if try isSame(layer) {
            let padding = zip([height, width], zip(kernel, zip(strides, dilations))).map { extent, window in
                let (kernel, (stride, dilation)) = window
                return max(0, (extent - 1) / stride * stride + dilation * (kernel - 1) + 1 - extent)
            }
            window.padding = EdgeInsets(
                top: padding[0] / 2, left: padding[1] / 2, bottom: padding[0] - padding[0] / 2,
                right: padding[1] - padding[1] / 2)
        }
        guard let (rows, columns) = window.outputSize(height: height, width: width) else {
            throw layer.malformed(
                "kernel_size", expected: "a window that fits the map of \(height)×\(width)", found: "\(kernel)")
        }
        return (window, rows, columns)
    }
}
