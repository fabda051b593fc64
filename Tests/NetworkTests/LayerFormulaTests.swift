import Compute
import Foundation
import Testing

@testable import Network

/// The formulas of the lecture: (F·F·Ci + 1)·Co parameters, (W − F + 2P)/S + 1 positions.
struct LayerFormulaTests {
    private func convolution(_ filter: Int, _ inputs: Int, _ outputs: Int, stride: Int, padding: Int) throws
        -> Network.Operation
    {
        let weights = try Tensor(shape: [outputs, inputs, filter, filter]) { $0.initialize(repeating: 0) }
        let bias = try Tensor(shape: [outputs]) { $0.initialize(repeating: 0) }
        return .convolution(
            Convolution(weights: weights, bias: bias, window: Window(kernel: filter, stride: stride, padding: padding)))
    }

    @Test(arguments: [
        (width: 32, filter: 5, inputs: 3, outputs: 10, stride: 1, padding: 2), (28, 3, 1, 32, 1, 0),
        (227, 11, 3, 96, 4, 0),
        (224, 7, 3, 64, 2, 3), (7, 3, 1, 1, 2, 0), (9, 1, 4, 5, 3, 0),
    ])
    func aConvolution(width: Int, filter: Int, inputs: Int, outputs: Int, stride: Int, padding: Int) throws {
        var graph = Graph(inputShape: [inputs, width, width])
        graph.append("c", try convolution(filter, inputs, outputs, stride: stride, padding: padding), graph.input)
        let plan = try Plan(graph, pool: ComputePool(threads: 1), kernels: tables[0])
        let positions = (width - filter + 2 * padding) / stride + 1
        let layer = plan.layers[0]
        #expect(layer.outputShape == [outputs, positions, positions])
        #expect(layer.parameters == (filter * filter * inputs + 1) * outputs)
        #expect(layer.multiplyAdds == positions * positions * outputs * filter * filter * inputs)
    }

    /// Dense(1000) on 640 × 480 × 3: why networks of images have convolutions. The weights are zeros that take memory only
    /// when they are written, which nobody does.
    @Test func aDenseLayerOnAWholePhoto() throws {
        let count = 640 * 480 * 3
        let zeros = try #require(UntouchedZeros(count: 1000 * count))
        let dense = Dense(
            weights: try Tensor(shape: [1000, count], elements: zeros.elements, ownedBy: zeros),
            bias: try Tensor(shape: [1000]) { $0.initialize(repeating: 0) })
        var graph = Graph(inputShape: [3, 480, 640])
        graph.append("dense", .dense(dense), graph.input)
        #expect(try graph.shapes()[graph.output] == [1000])
        #expect(graph.nodes[0].operation.parameterCount == 921_601_000)
    }

    @Test func poolingHasNoParameters() throws {
        var graph = Graph(inputShape: [96, 55, 55])
        graph.append("p", .maxPool(Window(kernel: 3, stride: 2)), graph.input)
        let plan = try Plan(graph, pool: ComputePool(threads: 1), kernels: tables[0])
        #expect(plan.layers[0].outputShape == [96, 27, 27] && plan.parameterCount == 0)
    }
}

/// Sendable: nobody writes the memory.
private final class UntouchedZeros: @unchecked Sendable {
    let elements: UnsafeBufferPointer<Float>
    private let memory: UnsafeMutableRawPointer
    private let bytes: Int

    init?(count: Int) {
        bytes = count * MemoryLayout<Float>.stride
        guard let memory = mmap(nil, bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0),
            memory != MAP_FAILED
        else { return nil }
        self.memory = memory
        elements = UnsafeBufferPointer(start: memory.assumingMemoryBound(to: Float.self), count: count)
    }

    deinit { munmap(memory, bytes) }
}
