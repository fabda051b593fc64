import Foundation

/// One number to divide logits by, so that probabilities mean what they say: Guo et al., "On Calibration of Modern Neural
/// Networks", 2017.
public enum TemperatureScaling {
    /// Temperatures that ``fit(logits:labels:)`` keeps to.
    public static let range = 0.01...100.0

    /// The temperature with the least cross-entropy between softmax(logits / T) and the labels, smoothed as Platt
    /// ("Probabilistic Outputs for Support Vector Machines", 1999) smooths his: 1/(n + 2) of each label goes to all classes
    /// alike. Without it a few images that are all right would have T → 0, and certainty about everything.
    ///
    /// - Parameters:
    ///   - logits: `[images, classes]`, of images that the classifier was not fitted to.
    ///   - labels: of each image, the class.
    /// - Throws: `LearningError` where the two differ in size, a label is no class, or there are no images.
    public static func fit(logits: ClassScores, labels: [Int]) throws(LearningError) -> Double {
        try logits.check(labels: labels)
        let smoothing = 1 / Double(labels.count + 2)
        // Convex in β = 1/T. Newton's method, kept between bounds that close in on the root of the derivative.
        var (low, high) = (1 / range.upperBound, 1 / range.lowerBound)
        var beta = 1.0
        for _ in 0..<100 {
            let (slope, curvature) = derivatives(logits, labels, smoothing, at: beta)
            if slope > 0 { high = beta } else { low = beta }
            var next = beta - slope / curvature
            if !(next > low && next < high) { next = (low * high).squareRoot() }
            let change = abs(next - beta)
            beta = next
            if change <= 1e-9 * beta { break }
        }
        return 1 / beta
    }

    /// Of Σ log Σ exp(β·z) − β·(target · z), with respect to β.
    private static func derivatives(
        _ logits: ClassScores, _ labels: [Int], _ smoothing: Double, at beta: Double
    ) -> (first: Double, second: Double) {
        let classes = logits.classes
        return logits.values.withUnsafeBufferPointer { values in
            var (first, second) = (0.0, 0.0)
            for (sample, label) in labels.enumerated() {
                let row = UnsafeBufferPointer(rebasing: values[sample * classes..<(sample + 1) * classes])
                let largest = Double(row.reduce(-.infinity, max))
                var (sum, moment, square, total) = (0.0, 0.0, 0.0, 0.0)
                for value in row {
                    let difference = Double(value) - largest
                    let power = exp(beta * difference)
                    sum += power
                    moment += power * difference
                    square += power * difference * difference
                    total += difference
                }
                let mean = moment / sum
                let target = (1 - smoothing) * (Double(row[label]) - largest) + smoothing * total / Double(classes)
                first += mean - target
                second += square / sum - mean * mean
            }
            return (first, second)
        }
    }
}
