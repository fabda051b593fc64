import Foundation

/// The loss −log softmax(logits)[label] of one sample, and its gradient.
enum CrossEntropy {
    /// Turns `logits` into probabilities, in place, and returns the loss.
    static func softmax(_ logits: UnsafeMutablePointer<Float>, count: Int, label: Int) -> Double {
        var largest = logits[0]
        for index in 1..<count { largest = max(largest, logits[index]) }
        let difference = Double(logits[label] - largest)
        var sum = 0.0
        for index in 0..<count {
            let power = expf(logits[index] - largest)
            logits[index] = power
            sum += Double(power)
        }
        let scale = Float(1 / sum)
        for index in 0..<count { logits[index] *= scale }
        return log(sum) - difference
    }
}
