import Foundation

/// Trained heads. A head's versions count 1, 2, 3, … and never change; a number is never used again, not even after its
/// version or the whole head was deleted, so that (head, version) may name what a cache holds.
public protocol HeadStore: Sendable {
    /// Saves a version that no job made: one that was imported.
    ///
    /// - Throws: ``StoreError/invalidName(_:)``, ``StoreError/tooLarge``.
    func saveHead(_ name: String, _ version: NewHeadVersion, promote: Bool) async throws(StoreError) -> HeadVersion

    /// - Throws: ``StoreError/unknownHead(_:)``.
    func head(_ name: String) async throws(StoreError) -> Head

    /// At most `limit` heads in the order of their names, from the first after `name`.
    func heads(after name: String?, limit: Int) async throws(StoreError) -> [Head]

    /// What lists show of the heads, by their names: of each the served version, or the newest where none is, without its
    /// metrics. Heads that are not there (any more) are left out.
    func shownVersions(of heads: [Head]) async throws(StoreError) -> [String: HeadVersion]

    /// The version with the number, or the promoted one for `nil`.
    ///
    /// - Throws: ``StoreError/unknownHead(_:)``, ``StoreError/unknownHeadVersion(_:head:)``,
    ///   ``StoreError/nothingPromoted(head:)``.
    func headVersion(_ version: Int?, of head: String) async throws(StoreError) -> HeadVersion

    /// At most `limit` versions, the newest first, from the first below `version`.
    ///
    /// - Throws: ``StoreError/unknownHead(_:)``.
    func headVersions(of head: String, before version: Int?, limit: Int) async throws(StoreError) -> [HeadVersion]

    /// The version's tensors, as they were saved.
    ///
    /// - Throws: ``StoreError/unknownHead(_:)``, ``StoreError/unknownHeadVersion(_:head:)``.
    func tensors(ofVersion version: Int, head: String) async throws(StoreError) -> Data

    /// Makes the version the one that is served; an older one to roll back.
    ///
    /// - Throws: ``StoreError/unknownHead(_:)``, ``StoreError/unknownHeadVersion(_:head:)``.
    func promote(_ version: Int, of head: String) async throws(StoreError) -> Head

    /// - Throws: ``StoreError/unknownHead(_:)``, ``StoreError/unknownHeadVersion(_:head:)``,
    ///   ``StoreError/versionPromoted(_:head:)``.
    func deleteHeadVersion(_ version: Int, of head: String) async throws(StoreError)

    /// - Throws: ``StoreError/unknownHead(_:)``.
    func deleteHead(_ name: String) async throws(StoreError)
}
