import Compute
import ModelFormats
import Network
import Synchronization

/// A model that has been read, compiled and checked: ready to answer.
///
/// One that was replaced lives on until the last request for it is answered.
public final class LoadedModel: Sendable {
    /// What the folder says: name, preprocessing, licence.
    public let configuration: ModelConfiguration
    /// The classes' names, in the order of the network's outputs; empty where the model has none.
    public let labels: [String]
    /// What its files do not say: for each, a sentence for people with what is assumed instead, and where to state it.
    public let assumptions: [String]
    /// The compiled network.
    public let plan: Plan
    /// What requests call the model.
    public let name: String
    /// The version that answers name.
    public let version: String
    /// Unlike any other model's in this process, also of the same name and version.
    let identity = LoadedModel.identities.wrappingAdd(1, ordering: .relaxed).newValue
    /// All that its results depend on besides the image: equal for models loaded from equal files, whatever their names.
    let fingerprint: String
    private let learned = Locked(BatchLatency())
    private static let identities = Atomic(0)

    /// Reads the model at `path` (a folder with a config.json, or an ONNX file), compiles it for `kernels`, and
    /// computes its golden vector, where it has one, to see that the answer is what it should be: on the calling thread
    /// alone, beside whatever `pool` is doing.
    ///
    /// - Parameters:
    ///   - name: what it is called, if not as its configuration says.
    ///   - version: what its version is called, if not as its configuration says.
    /// - Throws: ``InferenceError/modelFailed(path:reason:)``
    public convenience init(
        path: String, name: String? = nil, version: String? = nil, pool: ComputePool = .shared, kernels: KernelTable,
        options: PlanOptions = PlanOptions()
    ) throws(InferenceError) {
        do {
            let model = try Model.load(path)
            let (configuration, labels, golden, graph) = (model.configuration, model.labels, model.golden, model.graph)
            let assumptions = model.assumptions
            // The plan lets go of weights that nobody else has.
            _ = consume model
            let plan = try Plan(consume graph, pool: pool, kernels: kernels, options: options)
            self.init(
                configuration, labels: labels, assumptions: assumptions, plan: plan, name: name, version: version)
            try warmUp(checking: golden)
        } catch {
            throw .modelFailed(path: path, reason: "\(error)")
        }
    }

    init(
        _ configuration: ModelConfiguration, labels: [String], assumptions: [String] = [], plan: Plan,
        name: String? = nil, version: String? = nil
    ) {
        self.configuration = configuration
        self.labels = labels
        self.assumptions = assumptions
        self.plan = plan
        self.name = name ?? configuration.name
        self.version = version ?? configuration.version
        let precision = plan.options.precision == .float32 ? "" : " \(plan.options.precision.rawValue)"
        fingerprint =
            "\(configuration.weights.sha256) \(configuration.architecture) \(configuration.input) \(configuration.preprocessing)"
            + precision
    }

    /// The SHA-256 of the weights' file, 64 hexadecimal digits.
    public var digest: String { configuration.weights.sha256 }

    /// What batches of this model take, as far as the queue has seen.
    public var latency: BatchLatency { learned.withLock { $0 } }

    /// The most images the queue runs at a time: as the model says, else what pays.
    public var batchLimit: Int {
        configuration.batching?.maximumBatch ?? latency.bestBatch(threads: plan.threads)
    }

    /// How long an image may be kept back for others to join its batch.
    var batchDelay: Duration { .milliseconds(configuration.batching?.maximumDelayMilliseconds ?? 0) }

    func learn(images: Int, seconds: Double) {
        learned.withLock { $0.add(images: images, seconds: seconds) }
    }

    /// The first run touches the weights and the memory of one thread, so that the first request does not; where the model
    /// has a golden vector, it is the run that is checked.
    private func warmUp(checking golden: GoldenVector?) throws {
        let input = configuration.input
        let count = input.channels * input.height * input.width
        let zeros = [Float](repeating: 0, count: count)
        var output = try plan.runAside(golden?.inputTensor(input) ?? zeros, layer: plan.outputName)
        if golden == nil, output.contains(where: \.isNaN) {
            // A network that divides by its image's norm, or by its deviation, has no number for zeros.
            output = try plan.runAside((0..<count).map { Float($0 % 251) / 250 }, layer: plan.outputName)
        }
        guard !output.contains(where: \.isNaN) else {
            let images = golden == nil ? "zeros and for pixels that rise from 0 to 1" : "its golden input"
            throw ModelFormatError.malformed(
                file: configuration.weights.file, location: "weights", expected: "numbers",
                found: "a network that answers NaN for \(images)")
        }
        // In bfloat16 a network of fifty layers is off by a twentieth of its largest logit at most.
        try golden?.check(output, rounding: plan.options.precision == .bfloat16 ? 0.1 : 0)
    }
}
