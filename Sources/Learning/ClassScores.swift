import Foundation

/// A number for each sample and class, `[samples, classes]`: logits or probabilities.
public struct ClassScores: Sendable, Equatable {
    public let classes: Int
    /// Row-major.
    public private(set) var values: [Float]

    /// Throws where `values` are not whole rows.
    public init(_ values: [Float], classes: Int) throws(LearningError) {
        guard classes > 0, values.count.isMultiple(of: classes) else {
            throw .sizeMismatch(
                what: "scores of \(classes) classes",
                expected: classes > 0 ? (values.count / classes + 1) * classes : 0,
                found: values.count)
        }
        self.classes = classes
        self.values = values
    }

    init(repeating value: Float, samples: Int, classes: Int) {
        self.classes = classes
        values = Array(repeating: value, count: samples * classes)
    }

    public var samples: Int { values.count / classes }

    public subscript(sample: Int, index: Int) -> Float { values[sample * classes + index] }

    /// The scores of one sample.
    public subscript(sample: Int) -> ArraySlice<Float> {
        get { values[sample * classes..<(sample + 1) * classes] }
        set { values.replaceSubrange(sample * classes..<(sample + 1) * classes, with: newValue) }
    }

    /// The class of the largest score of each sample; the first of equal ones.
    public var predictions: [Int] {
        (0..<samples).map { sample in
            (1..<classes).reduce(0) { self[sample, $1] > self[sample, $0] ? $1 : $0 }
        }
    }

    /// Logits to probabilities: softmax(logits / temperature).
    public func softmax(temperature: Double = 1) -> ClassScores {
        var result = self
        for sample in 0..<samples {
            let sum = logSumExp(sample, temperature: temperature)
            for index in 0..<classes {
                result.values[sample * classes + index] = Float(exp(Double(self[sample, index]) / temperature - sum))
            }
        }
        return result
    }

    /// log Σ exp(logit / temperature) of a sample; does not overflow.
    func logSumExp(_ sample: Int, temperature: Double = 1) -> Double {
        let row = self[sample]
        let largest = Double(row.reduce(-.infinity, max)) / temperature
        return largest + log(row.reduce(0) { $0 + exp(Double($1) / temperature - largest) })
    }
}
