import Compute
import Network

/// Layers that normalise.
extension ONNXImporter {
    mutating func batchNormalization(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let features = try features(node, 0)
        try node.refuse("training_mode", supported: "0: export the network for inference (model.eval())")
        guard let channels = features.shape.first else {
            throw node.unsupported("input 0", found: "shape \(features.shape)", supported: "[C, …] an image")
        }
        let epsilon = try epsilon(node)
        let normalization = BatchNormalization(
            scale: try weights(node, 1, shape: [channels]), bias: try weights(node, 2, shape: [channels]),
            mean: try weights(node, 3, shape: [channels]), variance: try weights(node, 4, shape: [channels]),
            epsilon: epsilon)
        return try onMap(node, features) { importer, map throws(ModelFormatError) in
            try importer.append(node, .batchNormalization(normalization), [map])
        }
    }

    mutating func instanceNormalization(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let features = try features(node, 0)
        guard features.shape.count >= 2 else {
            throw node.unsupported("input 0", found: "shape \(features.shape)", supported: "[C, H, W] an image")
        }
        let channels = [features.shape[0]]
        let normalization = InstanceNormalization(
            scale: try weights(node, 1, shape: channels), bias: try weights(node, 2, shape: channels),
            epsilon: try epsilon(node))
        return try onMap(node, features) { importer, map throws(ModelFormatError) in
            try importer.append(node, .instanceNormalization(normalization), [map])
        }
    }

    /// Over the axes from `axis` on, of which all but the last are rows of the last where only that is normalised.
    mutating func layerNormalization(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let features = try features(node, 0)
        let axis = try node.axis(Int(try node.integer("axis") ?? -1), of: features.shape, leading: batchAxes)
        let rows = features.shape[..<axis].reduce(1, *)
        let count = features.shape[axis...].reduce(1, *)
        let scale = try weights(node, 1)
        let bias = try optionalInput(node, 2) == nil ? nil : try weights(node, 2)
        guard scale.count == count, bias.map({ $0.count == count }) ?? true, let scale = try? scale.reshaped([count])
        else {
            throw node.malformed("scale and bias", expected: "\(count) numbers", found: "shape \(scale.shape)")
        }
        let layer = LayerNormalization(scale: scale, bias: try? bias?.reshaped([count]), epsilon: try epsilon(node))
        let matrix = try apply(node, [.features(features)]) { _, _ in .reshape([rows, count]) }
        let normalized = try apply(node, [matrix]) { _, _ in .layerNormalization(layer) }
        return try apply(node, [normalized]) { _, _ in .reshape(features.shape) }
    }

    mutating func localResponseNormalization(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        guard let size = try node.integer("size"), (1...65536).contains(size) else {
            throw node.malformed("attribute 'size'", expected: "1 to 65536", found: "another or none")
        }
        let rule = LocalResponseNormalization(
            size: Int(size), alpha: try node.float("alpha") ?? 1e-4, beta: try node.float("beta") ?? 0.75,
            bias: try node.float("bias") ?? 1)
        return try append(node, .localResponseNormalization(rule), [try features(node, 0)])
    }

    private func epsilon(_ node: ONNXNode) throws(ModelFormatError) -> Float {
        let epsilon = try node.float("epsilon") ?? 1e-5
        guard epsilon >= 0, epsilon.isFinite else {
            throw node.malformed("attribute 'epsilon'", expected: "a number of at least 0", found: "\(epsilon)")
        }
        return epsilon
    }

    /// Something that takes `[C, H, W]` on `[C]` as it is, or on `[C, …]` with the other axes as one.
    private mutating func onMap(
        _ node: ONNXNode, _ features: ONNXValue.Features,
        _ body: (inout ONNXImporter, ONNXValue.Features) throws(ModelFormatError) -> ONNXValue
    ) throws(ModelFormatError) -> ONNXValue {
        if [1, 3].contains(features.shape.count) { return try body(&self, features) }
        let map = [features.shape[0], features.shape.dropFirst().reduce(1, *), 1]
        let value = try append(node, .reshape(map), [features])
        guard case .features(let reshaped) = value else { return value }
        let result = try body(&self, reshaped)
        return try apply(node, [result]) { _, _ in .reshape(features.shape) }
    }
}
