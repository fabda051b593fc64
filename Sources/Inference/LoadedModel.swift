import Compute
import ModelFormats
import Network

/// A model that has been read, compiled and checked: ready to answer.
public struct LoadedModel: Sendable {
    /// What the folder or file says: name, labels, preprocessing, licence.
    public let model: Model
    /// The compiled network.
    public let plan: Plan

    /// Reads the model at `path` (a folder with a config.json, or an ONNX file), compiles it for `kernels`, and
    /// computes its golden vector, where it has one, to see that the answer is what it should be.
    ///
    /// - Throws: ``InferenceError/modelFailed(path:reason:)``
    public init(
        path: String, pool: ComputePool = .shared, kernels: KernelTable
    ) throws(InferenceError) {
        do {
            model = try Model.load(path)
            plan = try Plan(model.graph, pool: pool, kernels: kernels)
            try checkGolden()
        } catch {
            throw .modelFailed(path: path, reason: "\(error)")
        }
    }

    /// What requests call the model.
    public var name: String { model.configuration.name }
    /// The version that answers name.
    public var version: String { model.configuration.version }

    private func checkGolden() throws {
        guard let golden = model.golden else { return }
        let outputs = try plan.run(
            input: golden.inputTensor(model.configuration.input), images: 1, layers: [plan.outputName])
        try golden.check(outputs[0])
    }
}
