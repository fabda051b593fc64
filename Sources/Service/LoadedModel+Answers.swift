import Inference
import Network

extension LoadedModel {
    /// The `count` most probable classes of one image; ties in the order of their indices.
    ///
    /// - Parameter output: the network's answer: logits, or probabilities where the network ends in a softmax.
    func topClasses(of output: [Float], count: Int) -> [ClassProbability] {
        let probabilities = plan.endsInSoftmax ? output : softmax(output)
        let ranking = probabilities.indices.sorted {
            (probabilities[$0], $1) > (probabilities[$1], $0)
        }
        return ranking.prefix(count).map { index in
            ClassProbability(label: label(of: index), index: index, probability: probabilities[index])
        }
    }

    /// The class's name, or its index where the model has no names.
    private func label(of index: Int) -> String {
        index < labels.count ? labels[index] : String(index)
    }

    /// The layer of that name, or what the classifier reads.
    ///
    /// - Throws: ``ServiceError/unknownLayer(_:model:available:)``.
    public func embeddingLayer(named name: String?) throws(ServiceError) -> Plan.Layer {
        if let name {
            if let layer = plan.layers.first(where: { $0.name == name }) { return layer }
            throw .unknownLayer(name, model: self.name, available: plan.layers.map(\.name))
        }
        guard let layer = plan.classifierInput ?? plan.layers.last else {
            throw .unknownLayer("", model: self.name, available: [])
        }
        return layer
    }
}

/// `vector` scaled to Euclidean length 1; zeros stay zeros.
func normalized(_ vector: [Float]) -> [Float] {
    let length = vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    return length > 0 ? vector.map { Float(Double($0) / length) } : vector
}
