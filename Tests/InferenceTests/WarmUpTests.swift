import Compute
import Foundation
import ModelFormats
import Network
import Testing

@testable import Inference

/// What a network that was loaded answers to its first image.
struct WarmUpTests {
    /// Loads the network that divides its image by what `divisor` makes of it.
    private func load(
        dividingBy divisor: (inout Graph, Graph.ValueID) -> Graph.ValueID
    ) throws -> LoadedModel {
        var graph = Graph(inputShape: [3, 4, 4])
        let image = graph.input
        let divisor = divisor(&graph, image)
        graph.output = graph.append("quotient", .binary(.divide), image, divisor)
        let file = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString).onnx")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(try ONNXWriter.serialize(graph, producerVersion: "1")).write(to: file)
        return try LoadedModel(path: file.path, kernels: KernelTable.selected)
    }

    @Test func `a network that divides by the image's norm is loaded, though zeros have none`() throws {
        let model = try load { graph, image in
            let squares = graph.append("squares", .reduce(.squareSum, axes: [0, 1, 2]), image)
            return graph.append("norm", .unary(.sqrt), squares)
        }
        let unit = try model.plan.runAside(Array(repeating: 2, count: 48), layer: model.plan.outputName)
        #expect(unit.allSatisfy { abs($0 - 1 / Float(48).squareRoot()) < 1e-6 }, "\(unit)")
        let zeros = try model.plan.runAside(Array(repeating: 0, count: 48), layer: model.plan.outputName)
        #expect(zeros.allSatisfy { $0.isNaN })
    }

    @Test func `a network without numbers for other images is refused`() {
        #expect {
            try load { graph, image in graph.append("nothing", .binary(.subtract), image, image) }
        } throws: { error in
            "\(error)".contains("expected numbers, found a network that answers NaN for zeros and for pixels that rise")
        }
    }
}
