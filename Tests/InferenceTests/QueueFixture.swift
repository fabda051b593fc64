import Compute
import Dispatch
import Network
import Synchronization
import Testing

@testable import Inference
@testable import ModelFormats

/// A model of one number in and one out, as far as the queue can see; what it computes is the test's.
func makeModel(
    name: String = "numbers", weights: String = "", preprocessing: PreprocessingRule = .imageNet,
    maximumBatch: Int? = nil, delay: Int? = nil, pool: ComputePool = ComputePool(threads: 1)
) throws -> LoadedModel {
    var configuration = ModelConfiguration(
        formatVersion: 1, name: name, version: "1", architecture: .onnx,
        input: .init(channels: 1, height: 1, width: 1), preprocessing: preprocessing,
        weights: .init(file: "none", bytes: 0, sha256: weights))
    if maximumBatch != nil || delay != nil {
        configuration.batching = .init(maximumBatch: maximumBatch, maximumDelayMilliseconds: delay)
    }
    var graph = Graph(inputShape: [1, 1, 1])
    graph.append("output", .flatten, graph.input)
    return LoadedModel(
        configuration, labels: [], plan: try Plan(graph, pool: pool, kernels: KernelTable.selected))
}

extension InferenceRequest {
    /// Images of one number each.
    static func numbers(
        _ numbers: [Float], _ model: LoadedModel, content: [UInt8]? = nil, layer: String = "output",
        priority: InferencePriority = .normal, client: QueueClient = "",
        deadline: ContinuousClock.Instant = .now + .seconds(60)
    ) -> InferenceRequest {
        InferenceRequest(
            model: model, images: numbers.map { number in .init(content: content) { [number] } }, layer: layer,
            priority: priority, client: client, deadline: deadline)
    }
}

/// Keeps the engine busy until released.
final class Gate: Sendable {
    private let entries = Locked(0)
    private let released = DispatchSemaphore(value: 0)

    /// Runs on the engine thread.
    func pass() {
        entries.withLock { $0 += 1 }
        released.wait()
    }

    func release() { released.signal() }

    /// Waits until the engine stands at the gate.
    func waitUntilEntered() async {
        await until { entries.withLock { $0 > 0 } }
        entries.withLock { $0 -= 1 }
    }
}

/// An engine that doubles numbers, stops at a gate when it sees zero, and remembers its batches.
final class Engine: Sendable {
    let gate = Gate()
    private let seen = Locked<[[Float]]>([])

    /// The inputs of each batch, those of the gate excepted.
    var batches: [[Float]] { seen.withLock { $0 } }
    var numbers: [Float] { batches.flatMap { $0 } }

    func compute(
        _ model: LoadedModel, _ inputs: [[Float]], _ layers: [String], _ allBegun: () -> Void
    ) throws -> [[Float]] {
        let numbers = inputs.flatMap { $0 }
        if numbers.count > 1 { allBegun() }
        if numbers.contains(0) { gate.pass() }
        if numbers.contains(0), numbers.count == 1 { return layers.map { _ in [0] } }
        seen.withLock { $0.append(numbers) }
        if numbers.contains(where: \.isNaN) { throw BrokenBatch() }
        return layers.map { layer in numbers.map { layer == "square" ? $0 * $0 : 2 * $0 } }
    }

    struct BrokenBatch: Error {}

    func queue(capacity: Int = 1000, width: Int = 2, cacheBytes: Int = 0, threads: Int = 1) -> InferenceQueue {
        InferenceQueue(
            capacity: capacity, pool: ComputePool(threads: threads), cacheBytes: cacheBytes, width: width
        ) { [self] in
            try compute($0, $1, $2, $3)
        }
    }
}

/// Waits until `condition` holds, which it must within the suite's time limit: then the test is cancelled.
func until(_ condition: () -> Bool, at location: SourceLocation = #_sourceLocation) async {
    while !condition() {
        guard (try? await Task.sleep(for: .milliseconds(1))) != nil else {
            Issue.record("what is waited for has not come", sourceLocation: location)
            return
        }
    }
}
