import Compute
import Foundation
import Testing

@Suite struct SoftmaxTests {
    @Test(
        "probabilities equal exp(x) / Σ exp(x) in double precision",
        arguments: [[0], [1, 2, 3], [-100, 50], [88, 89, 90], [-1000, -1000], [0, -87, -104]] as [[Float]])
    func formula(logits: [Float]) throws {
        let layer = try Softmax(features: logits.count)
        let found = run(logits + logits, outputs: 2 * logits.count) {
            layer.run(input: $0, output: $1, images: 2, pool: nil)
        }
        let largest = Double(logits.max() ?? 0)
        let powers = logits.map { exp(Double($0) - largest) }
        let expected = powers.map { $0 / powers.reduce(0, +) }
        for (value, exact) in zip(found, expected + expected) {
            #expect(abs(Double(value) - exact) <= 4e-7 * exact + 1e-38, "\(logits): \(value), not \(exact)")
        }
    }

    @Test("logits as large as float32 goes do not overflow")
    func extremes() throws {
        let layer = try Softmax(features: 3)
        let found = run([3e38, -3e38, 3e38], outputs: 3) { layer.run(input: $0, output: $1, images: 1, pool: nil) }
        #expect(found == [0.5, 0, 0.5])
    }
}
