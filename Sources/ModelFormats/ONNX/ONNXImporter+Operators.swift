import Compute
import Network

extension ONNXImporter {
    /// The value of the node's first output.
    mutating func evaluate(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        guard ONNXNode.isDefault(domain: node.domain), let operation = ONNXOperator(rawValue: node.operatorName) else {
            let domain = ONNXNode.isDefault(domain: node.domain) ? "" : " of domain \(node.domain.quoted)"
            throw node.unsupported(
                "operator", found: node.operatorName.quoted + domain,
                supported: ONNXReader.supportedOperators.joined(separator: ", "))
        }
        switch operation {
        case .add: return try add(node)
        case .averagePool: return try averagePool(node)
        case .batchNormalization: return try batchNormalization(node)
        case .clip: return try clip(node)
        case .conv: return try convolution(node)
        case .dropout: return try dropout(node)
        case .flatten: return try flatten(node)
        case .gemm: return try gemm(node)
        case .globalAveragePool: return try globalAveragePool(node)
        case .identity: return try input(node, 0)
        case .maxPool: return try maxPool(node)
        case .pad: return try pad(node)
        case .relu:
            let features = try features(node, 0)
            return try append(node, .activation(.relu), [features], shape: features.shape)
        case .reshape: return try reshape(node)
        case .softmax: return try softmax(node)
        case .cast: return try cast(node)
        case .concat: return try concat(node)
        case .constant: return try constant(node)
        case .constantOfShape: return try constantOfShape(node)
        case .gather: return try gather(node)
        case .shape: return try shape(node)
        case .slice: return try slice(node)
        case .transpose: return try transpose(node)
        case .unsqueeze: return try unsqueeze(node)
        }
    }
}

extension ONNXImporter {
    /// What input `index` stands for.
    func input(_ node: ONNXNode, _ index: Int) throws(ModelFormatError) -> ONNXValue {
        guard let value = try optionalInput(node, index) else {
            throw node.malformed("input \(index)", expected: "a value", found: "none")
        }
        return value
    }

    /// An input that is computed for each image.
    func features(_ node: ONNXNode, _ index: Int) throws(ModelFormatError) -> ONNXValue.Features {
        let value = try input(node, index)
        guard case .features(let features) = value else {
            throw node.unsupported("input \(index)", found: value.kind, supported: "activations here")
        }
        return features
    }

    /// An input that is a feature map, and its extents.
    func map(_ node: ONNXNode) throws(ModelFormatError) -> (features: ONNXValue.Features, extents: FeatureMap) {
        let features = try features(node, 0)
        guard features.shape.count == 3 else {
            throw node.malformed("input 0", expected: "a map [C, H, W]", found: "shape \(features.shape)")
        }
        return (
            features, FeatureMap(height: features.shape[1], width: features.shape[2], channels: features.shape[0])
        )
    }

    /// An input that is a vector of features, and its length.
    func vector(_ node: ONNXNode) throws(ModelFormatError) -> (features: ONNXValue.Features, count: Int) {
        let features = try features(node, 0)
        guard features.shape.count == 1, let count = features.shape.first else {
            throw node.unsupported("input 0", found: "shape \(features.shape)", supported: "a vector [K] an image")
        }
        return (features, count)
    }

    /// An input that is a constant of floats, of the given shape if one is given.
    mutating func weights(_ node: ONNXNode, _ index: Int, shape: [Int]? = nil) throws(ModelFormatError) -> Tensor {
        let value = try input(node, index)
        guard case .floats(let tensor) = value else {
            throw node.unsupported("input \(index)", found: value.kind, supported: "constant floats here")
        }
        guard shape == nil || tensor.shape == shape else {
            throw node.malformed("input \(index)", expected: "shape \(shape ?? [])", found: "shape \(tensor.shape)")
        }
        try budget.spend(4 * tensor.count, for: node.location)
        return tensor
    }

    /// An optional input that is one constant float.
    mutating func scalar(_ node: ONNXNode, _ index: Int) throws(ModelFormatError) -> Float? {
        guard try optionalInput(node, index) != nil else { return nil }
        let tensor = try weights(node, index)
        guard tensor.count == 1, let value = tensor.values.first else {
            throw node.malformed("input \(index)", expected: "one float", found: "shape \(tensor.shape)")
        }
        return value
    }

    /// An input that is a constant of integers.
    mutating func integers(_ node: ONNXNode, _ index: Int) throws(ModelFormatError) -> IntegerTensor {
        let value = try input(node, index)
        guard case .integers(let tensor) = value else {
            throw node.unsupported("input \(index)", found: value.kind, supported: "constant integers here")
        }
        try budget.spend(tensor.byteCount, for: node.location)
        return tensor
    }

    /// An input that is a constant of integers, none of which is the batch size.
    mutating func knownIntegers(_ node: ONNXNode, _ index: Int) throws(ModelFormatError) -> [Int] {
        let tensor = try integers(node, index)
        guard let values = tensor.values else {
            throw node.unsupported("input \(index)", found: "\(tensor)", supported: "integers without the batch size")
        }
        return values
    }

    /// `axis` of a tensor of `rank` dimensions, where −1 is the last.
    func axis(_ axis: Int, rank: Int, _ node: ONNXNode) throws(ModelFormatError) -> Int {
        guard axis >= -rank, axis < rank else {
            throw node.malformed("axis", expected: "from \(-rank) to \(rank - 1)", found: "\(axis)")
        }
        return axis < 0 ? axis + rank : axis
    }
}
