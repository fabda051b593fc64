import Dispatch
import Foundation
import Inference

/// The heads that answer: those of the store, in memory from their first use on.
///
/// The store has one process, so what is in memory is right as long as all changes of heads go through here.
public final class HeadRegistry: Sendable {
    /// The memory for heads that are not promoted, or not asked for any more.
    private static let cacheLimit = 256 << 20

    private struct State {
        /// Which version answers for a head that is named without one.
        var promoted: [String: Int] = [:]
        var loaded: [HeadReference: (head: ServedHead, bytes: Int, lastUse: ContinuousClock.Instant)] = [:]
        /// Heads that are being changed, and how often at once: of these only the store knows how they are.
        var changing: [String: Int] = [:]
        /// Counts changes: what was read before the last one is not kept.
        var changes = 0
    }

    private let store: any Store
    private let state = Locked(State())
    /// Files of up to ``HeadFile/sizeLimit`` are read here one after another, not where requests are answered.
    private let files = DispatchQueue(label: "martlet.heads")

    public init(store: any Store) { self.store = store }

    // MARK: Answering

    /// The version, or the promoted one, ready to answer.
    ///
    /// - Throws: `TeachingError.store` with ``StoreError/unknownHead(_:)``, ``StoreError/unknownHeadVersion(_:head:)`` or
    ///   ``StoreError/nothingPromoted(head:)``.
    public func servedHead(_ name: String, version: Int? = nil) async throws(TeachingError) -> ServedHead {
        let (known, changes) = state.withLock { state -> (ServedHead?, Int) in
            guard state.changing[name] == nil, let version = version ?? state.promoted[name] else {
                return (nil, state.changes)
            }
            return (Self.use(HeadReference(name: name, version: version), &state), state.changes)
        }
        if let known { return known }
        let found = try await TeachingError.storing { () throws(StoreError) in
            try await store.headVersion(version, of: name)
        }
        let reference = HeadReference(name: name, version: found.version)
        // A version never changes, so that it is enough to know which one.
        let same = state.withLock { state in Self.use(reference, &state) }
        let (head, bytes) = if let same { (same, found.byteCount) } else { try await load(reference) }
        state.withLock { state in
            guard state.changes == changes, state.changing[name] == nil else { return }
            if found.isPromoted { state.promoted[name] = found.version }
            state.loaded[reference] = (head, bytes, .now)
            Self.shrink(&state)
        }
        return head
    }

    private static func use(_ reference: HeadReference, _ state: inout State) -> ServedHead? {
        state.loaded[reference]?.lastUse = .now
        return state.loaded[reference]?.head
    }

    private func load(_ reference: HeadReference) async throws(TeachingError) -> (head: ServedHead, bytes: Int) {
        let data = try await TeachingError.storing { () throws(StoreError) in
            try await store.tensors(ofVersion: reference.version, head: reference.name)
        }
        let file: HeadFile
        // Not the client's fault, as it is where one imports a file.
        do throws(HeadFileError) { file = try await parsed([UInt8](data)) } catch {
            throw .store(.failed("version \(reference.version) of head '\(reference.name)': \(error)"))
        }
        let head = ServedHead(
            reference: reference, provenance: file.provenance, classifier: file.classifier, novelty: file.novelty)
        return (head, data.count)
    }

    private func parsed(_ bytes: [UInt8]) async throws(HeadFileError) -> HeadFile {
        let result: Result<HeadFile, HeadFileError> = await withCheckedContinuation { continuation in
            files.async {
                continuation.resume(returning: Result { () throws(HeadFileError) in try HeadFile(bytes) })
            }
        }
        return try result.get()
    }

    private static func shrink(_ state: inout State) {
        while state.loaded.count > 1, state.loaded.values.reduce(0, { $0 + $1.bytes }) > cacheLimit {
            guard let oldest = state.loaded.min(by: { $0.value.lastUse < $1.value.lastUse })?.key else { return }
            state.loaded[oldest] = nil
        }
    }

    // MARK: Changes

    /// Runs `body`, which changes the head in the store. Meanwhile, as soon as the store has the change, requests see it.
    ///
    /// - Parameter forgetting: whether versions may be gone afterwards.
    nonisolated(nonsending) func changing<Value>(
        _ name: String, forgetting: Bool = false,
        _ body: nonisolated(nonsending) () async throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        state.withLock { state in state.changing[name, default: 0] += 1 }
        defer {
            state.withLock { state in
                let left = state.changing[name, default: 1] - 1
                state.changing[name] = left > 0 ? left : nil
                state.changes += 1
                state.promoted[name] = nil
                if forgetting { state.loaded = state.loaded.filter { $0.key.name != name } }
            }
        }
        return try await body()
    }

    /// Makes the version the one that is served.
    public func promote(_ version: Int, of head: String) async throws(TeachingError) -> Head {
        try await TeachingError.storing { () throws(StoreError) in
            try await changing(head) { () throws(StoreError) in try await store.promote(version, of: head) }
        }
    }

    public func delete(_ head: String) async throws(TeachingError) {
        try await TeachingError.storing { () throws(StoreError) in
            try await changing(head, forgetting: true) { () throws(StoreError) in try await store.deleteHead(head) }
        }
    }

    public func delete(version: Int, of head: String) async throws(TeachingError) {
        try await TeachingError.storing { () throws(StoreError) in
            try await changing(head, forgetting: true) { () throws(StoreError) in
                try await store.deleteHeadVersion(version, of: head)
            }
        }
    }

    /// Saves what ``exported(_:version:)`` gave, here or elsewhere, as the head's next version.
    ///
    /// - Throws: `TeachingError.headFile`, `TeachingError.store`.
    public func `import`(
        _ bytes: [UInt8], as name: String, promote: Bool
    ) async throws(TeachingError) -> HeadVersion {
        let file: HeadFile
        do throws(HeadFileError) { file = try await parsed(bytes) } catch { throw .headFile(error) }
        let version = NewHeadVersion(
            kind: file.kind, labels: file.classifier.classes, tensors: Data(bytes), provenance: file.provenance,
            metrics: file.metrics)
        return try await TeachingError.storing { () throws(StoreError) in
            try await changing(name) { () throws(StoreError) in
                try await store.saveHead(name, version, promote: promote)
            }
        }
    }

    /// The version's file, or the promoted one's: see ``HeadFile``.
    public func exported(
        _ name: String, version: Int? = nil
    ) async throws(TeachingError) -> (version: HeadVersion, file: Data) {
        try await TeachingError.storing { () throws(StoreError) in
            let found = try await store.headVersion(version, of: name)
            return (found, try await store.tensors(ofVersion: found.version, head: name))
        }
    }
}
