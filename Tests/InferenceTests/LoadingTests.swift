import Compute
import Testing

@testable import Inference

/// Models that are loaded by hand or by the requests that name them.
@Suite(.timeLimit(.minutes(10)))
struct LoadingTests {
    private let folder = ModelsFolder()
    private let gate = Gate()
    private let isGateClosed = Locked(false)
    private let isShortOfMemory = Locked(false)
    private let loads = Locked(0)

    /// Its loads are counted, stop at the gate while it is closed, and fail without memory.
    private func repository(budget: Int? = nil) throws -> ModelRepository {
        try folder.repository(budget: budget) { [gate, isGateClosed, isShortOfMemory, loads] _ in
            loads.withLock { $0 += 1 }
            if isGateClosed.withLock({ $0 }) { gate.pass() }
            if isShortOfMemory.withLock({ $0 }) { throw OutOfMemory() }
        }
    }

    private struct OutOfMemory: Error {}

    /// A model `cats` whose version 1 is asked for, while its load stands at the gate.
    private func withLoadAtGate(
        _ body: (ModelRepository, _ request: Task<LoadedModel, any Error>) async throws -> Void
    ) async throws {
        for version in ["1", "2"] { try folder.add("cats/\(version)") }
        let repository = try repository()
        isGateClosed.withLock { $0 = true }
        let request = Task { try await repository.model(named: "cats", version: "1") }
        await gate.waitUntilEntered()
        do { try await body(repository, request) } catch { Issue.record(error) }
        isGateClosed.withLock { $0 = false }
        gate.release()
        _ = try? await request.value
    }

    @Test func `an evicted version that cannot be loaded again gives way to the one before`() async throws {
        for path in ["cats/1", "cats/2", "dogs"] { try folder.add(path) }
        let bytes = try LoadedModel(path: ModelsFolder.model.path, kernels: KernelTable.selected).plan.bytes
        let repository = try repository(budget: bytes)
        #expect(repository.states() == ["1 unloaded", "2 unloaded latest"])
        try folder.remove("cats/2/labels.txt")
        for _ in 0..<2 { #expect(try await repository.model(named: "cats").version == "1") }
        #expect(repository.states() == ["1 ready latest", "2 failed"])
    }

    @Test func `a version whose files break before it is evicted gives way to the one before`() async throws {
        for path in ["cats/1", "cats/2", "dogs"] { try folder.add(path) }
        let bytes = try LoadedModel(path: ModelsFolder.model.path, kernels: KernelTable.selected).plan.bytes
        let repository = try repository(budget: bytes)
        #expect(try await repository.model(named: "cats").version == "2")
        try folder.remove("cats/2/labels.txt")
        repository.rescan(isImmediate: true)
        #expect(try await repository.model(named: "cats").version == "2", "what was loaded is still served")
        _ = try await repository.model(named: "dogs")
        for _ in 0..<2 { #expect(try await repository.model(named: "cats").version == "1") }
    }

    @Test func `a load by hand tries again what failed for a reason that has passed`() async throws {
        try folder.add("cats/1")
        let repository = try repository()
        isShortOfMemory.withLock { $0 = true }
        try folder.add("cats/2")
        repository.rescan(isImmediate: true)
        await #expect(throws: InferenceError.self) { try await repository.load("cats") }
        #expect(repository.states() == ["1 ready latest", "2 failed"])
        isShortOfMemory.withLock { $0 = false }
        try await repository.load("cats")
        #expect(repository.states() == ["1 unloaded", "2 ready latest"])
    }

    @Test func `files that failed under a loaded version are tried again by hand`() async throws {
        try folder.add("cats")
        let repository = try repository()
        let first = try await repository.model()
        isShortOfMemory.withLock { $0 = true }
        try folder.write("changed", to: "cats/notes.txt")
        repository.rescan(isImmediate: true)
        #expect(repository.models[0].versions[0].failure != nil)
        #expect(try await repository.model() === first)
        isShortOfMemory.withLock { $0 = false }
        try await repository.load("cats")
        #expect(repository.models[0].versions[0].failure == nil)
        #expect(try await repository.model() !== first)
    }

    @Test func `a model that is unloaded while it is loaded stays unloaded`() async throws {
        for version in ["1", "2"] { try folder.add("cats/\(version)") }
        let repository = try repository()
        try repository.unload("cats")
        isGateClosed.withLock { $0 = true }
        let load = Task { try await repository.load("cats") }
        await gate.waitUntilEntered()
        try repository.unload("cats")
        isGateClosed.withLock { $0 = false }
        gate.release()
        await #expect { try await load.value } throws: { "\($0)".contains("is unloaded") }
        #expect(repository.states() == ["1 unloaded", "2 unloaded"] && !repository.isReady)
        try await repository.load("cats")
        #expect(repository.states() == ["1 unloaded", "2 ready latest"])
    }

    @Test func `requests for one version share its load`() async throws {
        try await withLoadAtGate { repository, first in
            let (loadsBefore, reference) = (
                loads.withLock { $0 }, ModelRepository.ModelReference(name: "cats", version: "1")
            )
            #expect(repository.sharedLoad(of: reference) === repository.sharedLoad(of: reference))
            let others = (0..<20).map { _ in Task { try await repository.model(named: "cats", version: "1") } }
            gate.release()
            let model = try await first.value
            for other in others { #expect(try await other.value === model) }
            #expect(loads.withLock { $0 } == loadsBefore)
        }
    }

    @Test func `a request waits for a load no longer than its deadline`() async throws {
        try await withLoadAtGate { repository, _ in
            await #expect {
                _ = try await repository.model(named: "cats", version: "1", deadline: .now + .milliseconds(10))
            } throws: {
                if case InferenceError.deadlinePassed = $0 { true } else { false }
            }
            let loaded = try await repository.model(deadline: .now)
            #expect(loaded.version == "2", "what is loaded is not waited for")
        }
    }

    @Test func `a request that is cancelled no longer waits for a load`() async throws {
        try await withLoadAtGate { _, first in
            first.cancel()
            await #expect(throws: CancellationError.self) { try await first.value }
        }
    }

    @Test func `what is known to have failed is refused while another version is loaded`() async throws {
        try folder.add("cats/3", without: "labels.txt")
        try await withLoadAtGate { repository, _ in
            await #expect { _ = try await repository.model(named: "cats", version: "3") } throws: {
                "\($0)".contains("labels.txt")
            }
        }
    }
}
