/// Runs a network's quantised form beside it.
public struct Comparison: Sendable {
    public private(set) var agreement = Agreement()
    private let original: Plan
    private let quantized: Plan

    /// Throws ``QuantizationError`` where `graph` cannot be compiled.
    public init(of graph: Graph, with quantizer: Quantizer) throws(QuantizationError) {
        original = quantizer.plan
        do {
            quantized = try Plan(
                graph, pool: original.pool, kernels: original.kernels, options: original.options)
        } catch { throw .invalid(reason: error.description) }
    }

    /// Compares the answers for an image, `H × W × C` floats.
    ///
    /// Throws ``QuantizationError`` where it has another size.
    public mutating func add(_ image: [Float]) throws(QuantizationError) {
        do {
            let (expected, found) = (try original.answer(to: image), try quantized.answer(to: image))
            agreement.add(
                answer: found.answer, expected: expected.answer, features: found.features,
                expectedFeatures: expected.features)
        } catch { throw .invalid(reason: "\(error)") }
    }
}

extension Plan {
    /// What the network answers for one image, and what its last layer reads; where that is no dense one, the answer again.
    fileprivate func answer(to image: [Float]) throws(RunError) -> (answer: [Float], features: [Float]) {
        let outputs = try run([image], layers: [outputName, classifierInput?.name ?? outputName])
        return (outputs[0], outputs[1])
    }
}
