import HeapModule
import Inference
import Network

extension LoadedModel {
    /// The `count` most probable classes of one image; ties in the order of their indices.
    ///
    /// - Parameter output: the network's answer: logits, or probabilities where the network ends in a softmax.
    func topClasses(of output: [Float], count: Int) -> [ClassProbability] {
        ranked(plan.endsInSoftmax ? output : softmax(output), count: count).map { index, probability in
            ClassProbability(label: label(of: index), index: index, probability: probability)
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

/// The `count` largest probabilities with their indices, the largest first; ties in the order of their indices.
func ranked(_ probabilities: [Float], count: Int) -> [(index: Int, probability: Float)] {
    struct Class: Comparable {
        let index: Int
        let probability: Float

        static func < (one: Class, other: Class) -> Bool {
            (one.probability, other.index) < (other.probability, one.index)
        }
    }
    var heap = Heap(probabilities.enumerated().map { Class(index: $0.offset, probability: $0.element) })
    return (0..<count).compactMap { _ in heap.popMax().map { ($0.index, $0.probability) } }
}

/// `vector` scaled to Euclidean length 1; zeros stay zeros.
func normalized(_ vector: [Float]) -> [Float] {
    let length = vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    return length > 0 ? vector.map { Float(Double($0) / length) } : vector
}
