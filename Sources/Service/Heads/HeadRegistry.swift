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
        /// Counts changes: what was read before the last one is not kept.
        var changes = 0
    }

    private let store: any Store
    private let state = Locked(State())

    public init(store: any Store) { self.store = store }

    /// The version, or the promoted one, ready to answer.
    ///
    /// - Throws: `TeachingError.store` with ``StoreError/unknownHead(_:)``, ``StoreError/unknownHeadVersion(_:head:)`` or
    ///   ``StoreError/nothingPromoted(head:)``.
    public func servedHead(_ name: String, version: Int? = nil) async throws(TeachingError) -> ServedHead {
        let (known, changes) = state.withLock { state -> (ServedHead?, Int) in
            guard let version = version ?? state.promoted[name] else { return (nil, state.changes) }
            let reference = HeadReference(name: name, version: version)
            state.loaded[reference]?.lastUse = .now
            return (state.loaded[reference]?.head, state.changes)
        }
        if let known { return known }
        let (head, bytes, isPromoted) = try await load(name, version)
        state.withLock { state in
            guard state.changes == changes else { return }
            if isPromoted { state.promoted[name] = head.reference.version }
            state.loaded[head.reference] = (head, bytes, .now)
            Self.shrink(&state)
        }
        return head
    }

    private func load(
        _ name: String, _ version: Int?
    ) async throws(TeachingError) -> (head: ServedHead, bytes: Int, isPromoted: Bool) {
        let (found, data) = try await TeachingError.storing { () throws(StoreError) in
            let found = try await store.headVersion(version, of: name)
            return (found, try await store.tensors(ofVersion: found.version, head: name))
        }
        let file: HeadFile
        // Not the client's fault, as it is where one imports a file.
        do { file = try HeadFile([UInt8](data)) } catch {
            throw .store(.failed("version \(found.version) of head '\(name)': \(error)"))
        }
        let head = ServedHead(
            reference: HeadReference(name: name, version: found.version), provenance: file.provenance,
            classifier: file.classifier, novelty: file.novelty)
        return (head, data.count, found.isPromoted)
    }

    private static func shrink(_ state: inout State) {
        while state.loaded.count > 1, state.loaded.values.reduce(0, { $0 + $1.bytes }) > cacheLimit {
            guard let oldest = state.loaded.min(by: { $0.value.lastUse < $1.value.lastUse })?.key else { return }
            state.loaded[oldest] = nil
        }
    }

    /// To be called after every change of a head.
    func changed(_ name: String) {
        state.withLock { state in
            state.changes += 1
            state.promoted[name] = nil
        }
    }

    // MARK: Changes

    /// Makes the version the one that is served.
    public func promote(_ version: Int, of head: String) async throws(TeachingError) -> Head {
        defer { changed(head) }
        return try await TeachingError.storing { () throws(StoreError) in try await store.promote(version, of: head) }
    }

    public func delete(_ head: String) async throws(TeachingError) {
        defer { forget(head) }
        try await TeachingError.storing { () throws(StoreError) in try await store.deleteHead(head) }
    }

    public func delete(version: Int, of head: String) async throws(TeachingError) {
        defer { forget(head) }
        try await TeachingError.storing { () throws(StoreError) in
            try await store.deleteHeadVersion(version, of: head)
        }
    }

    /// Saves what ``exported(_:version:)`` gave, here or elsewhere, as the head's next version.
    ///
    /// - Throws: `TeachingError.headFile`, `TeachingError.store`.
    public func `import`(
        _ bytes: [UInt8], as name: String, promote: Bool
    ) async throws(TeachingError) -> HeadVersion {
        let file: HeadFile
        do { file = try HeadFile(bytes) } catch { throw .headFile(error) }
        let version = NewHeadVersion(
            kind: file.kind, labels: file.classifier.classes, tensors: Data(bytes), provenance: file.provenance,
            metrics: file.metrics)
        defer { changed(name) }
        return try await TeachingError.storing { () throws(StoreError) in
            try await store.saveHead(name, version, promote: promote)
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

    private func forget(_ head: String) {
        state.withLock { state in
            state.changes += 1
            state.promoted[head] = nil
            state.loaded = state.loaded.filter { $0.key.name != head }
        }
    }
}
