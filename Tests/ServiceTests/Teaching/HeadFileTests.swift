import Foundation
import Learning
import Testing

@testable import Service

@Suite struct HeadFileTests {
    private func provenance() throws -> HeadProvenance {
        let digest = try #require(ContentDigest(of: [1]))
        return HeadProvenance(
            model: "net", space: EmbeddingSpace(model: digest, preprocessing: digest, layer: "pool"), seed: .max)
    }

    private func logistic() throws -> HeadFile {
        HeadFile(
            classifier: .logistic(
                try LinearHead(
                    classes: ["a", "b"], features: 3, weights: [1, 2, 3, 4, 5, 6], biases: [-1, 1])),
            novelty: nil, provenance: try provenance(), metrics: Data(#"{"loss":[1]}"#.utf8))
    }

    @Test func `a head comes back as it was`() throws {
        for file in [try logistic(), try perceptron()] {
            let read = try HeadFile([UInt8](file.serialized()))
            #expect(read.kind == file.kind && read.classifier.classes == file.classifier.classes)
            #expect(read.provenance == file.provenance && read.metrics == file.metrics)
            let values: [Float] = [0.5, -1, 2]
            #expect(
                try read.classifier.logits(values, pool: nil).values
                    == file.classifier.logits(values, pool: nil).values)
        }
    }

    private func perceptron() throws -> HeadFile {
        HeadFile(
            classifier: .perceptron(
                try MultilayerPerceptron(
                    classes: ["a", "b"], features: 3, hiddenUnits: 2, hiddenWeights: [1, 2, 3, 4, 5, 6],
                    hiddenBiases: [0, 1], weights: [1, -1, 2, -2], biases: [-1, 1])),
            novelty: nil, provenance: try provenance(), metrics: nil)
    }

    @Test func `bytes that are no head are refused, wherever they end`() throws {
        let bytes = [UInt8](try perceptron().serialized())
        for count in 0..<bytes.count {
            #expect(throws: HeadFileError.self) { try HeadFile(Array(bytes[..<count])) }
        }
    }

    @Test func `flipped bytes are refused or change numbers only`() throws {
        let bytes = [UInt8](try logistic().serialized())
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 0x10
            guard let head = try? HeadFile(changed) else { continue }
            #expect(head.classifier.classes.count == 2 && head.classifier.features == 3)
        }
    }

    /// Once `"probability": null` with a status of 200.
    @Test func `a head whose outputs are no numbers gives an error, not an answer`() throws {
        let file = HeadFile(
            classifier: .logistic(
                try LinearHead(classes: ["a", "b"], features: 2, weights: [3e38, 3e38, -3e38, -3e38], biases: [0, 0])),
            novelty: nil, provenance: try provenance(), metrics: nil)
        let read = try HeadFile([UInt8](file.serialized()))
        let head = ServedHead(
            reference: HeadReference(name: "h", version: 1), provenance: read.provenance, classifier: read.classifier,
            novelty: nil)
        #expect(throws: HeadOverflow.self) { try head.answers(for: [[0, 0], [1, 1]]) }
        #expect(try head.answers(for: [[0, 0]])[0].probabilities == [0.5, 0.5])
        #expect(try head.answers(for: [[1, -0.5]])[0].probabilities == [1, 0])
    }

    @Test func `numbers that are not finite are refused`() throws {
        let file = HeadFile(
            classifier: .logistic(
                try LinearHead(classes: ["a", "b"], features: 1, weights: [.nan, 1], biases: [0, 0])),
            novelty: nil, provenance: try provenance(), metrics: nil)
        let bytes = [UInt8](try file.serialized())
        #expect { try HeadFile(bytes) } throws: { "\($0)".contains("weight") }
    }
}
