import Dispatch
import Foundation
import Inference
import Logging
import Service

/// The keys of a running server, read again when their file changes.
///
/// As long as there is no file, no key is asked for; from then on one is, whatever becomes of the file: what cannot be read,
/// or is gone, leaves the keys as they were. Where it cannot be known whether there is one, none is valid.
public final class KeyRing: Sendable {
    /// A key, and what is left of its rate: kept when the file is read again.
    struct Entry: Sendable {
        let key: APIKey
        let bucket: TokenBucket

        /// Not where the rate is another: what was used up of a slow one takes a fast one's owner long to wait for.
        func bucket(for new: APIKey) -> TokenBucket? {
            new.rate == key.rate && new.burst == key.burst ? bucket : nil
        }
    }

    private struct State {
        /// `nil` where there has never been a file.
        var entries: [String: Entry]?
        /// Of the file when it was looked at last.
        var seen: FileVersion?
        /// What was logged of the file, not to be repeated each second.
        var complaint: String?
    }

    public let file: KeyFile
    private let logger: Logger
    private let state = Locked(State())
    /// Reads the file, one after another and not where requests are answered.
    private let queue = DispatchQueue(label: "martlet.keys", qos: .utility)

    /// - Parameter isRequired: whether it is an error that the file is missing.
    /// - Throws: ``KeyFileError`` where the file is there and cannot be used, or may be there.
    public init(_ file: KeyFile, isRequired: Bool, logger: Logger) throws(KeyFileError) {
        self.file = file
        self.logger = logger
        guard let version = try FileVersion(file.path) else {
            guard !isRequired else { throw .missing(path: file.path) }
            return
        }
        let keys = try file.keys()
        state.withLock { $0.seen = version }
        replace(keys, version)
    }

    /// Looks at the file once a second until the server ends.
    public func watch(every interval: Duration = .seconds(1)) async {
        while (try? await Task.sleep(for: interval)) != nil { await look() }
    }

    /// Reads the file if it has changed since it was looked at.
    public func look() async {
        await withCheckedContinuation { continuation in
            queue.async {
                self.readIfChanged()
                continuation.resume()
            }
        }
    }

    /// Reads the file again, changed or not. Returns when that is done.
    public func reload() async {
        state.withLock { ($0.seen, $0.complaint) = (nil, nil) }
        await look()
    }

    // MARK: Asking

    /// Whether keys are asked for.
    public var isInForce: Bool { state.withLock { $0.entries != nil } }

    enum Verdict {
        case valid(Entry)
        /// The right secret of a key whose time is over.
        case expired(APIKey)
        case invalid
    }

    private static let noDigest = ContentDigest(bytes: [UInt8](repeating: 0, count: 32))

    /// Whose key `text` is. An id that is not known takes as long as one with another secret.
    func verdict(on text: String, now: Date = .now) -> Verdict {
        guard let text = KeyText(text) else { return .invalid }
        let entry = state.withLock { $0.entries?[text.id] }
        guard let digest = entry?.key.digest ?? Self.noDigest, text.hasDigest(digest), let entry else {
            return .invalid
        }
        return Self.verdict(on: entry, now)
    }

    /// What has become of a key that was valid.
    func verdict(on key: APIKey, now: Date = .now) -> Verdict {
        guard let entry = state.withLock({ $0.entries?[key.id] }), entry.key.digest == key.digest else {
            return .invalid
        }
        return Self.verdict(on: entry, now)
    }

    private static func verdict(on entry: Entry, _ now: Date) -> Verdict {
        entry.key.hasExpired(at: now) ? .expired(entry.key) : .valid(entry)
    }

    // MARK: Reading

    private func readIfChanged() {
        // Not of what cannot be looked at or read now: it may be later, without a change.
        var seen: FileVersion?
        do throws(KeyFileError) {
            guard let version = try FileVersion(file.path) else {
                let hasKeys = state.withLock { $0.entries.map { !$0.isEmpty } }
                if let hasKeys {
                    let keys = hasKeys ? "the keys that were read from it stay valid" : "no key is valid"
                    complain("the key file '\(file.path)' is gone; \(keys)")
                }
                return
            }
            guard state.withLock({ $0.seen != version }) else { return }
            seen = version
            replace(try file.keys(), version)
        } catch {
            if case .malformed = error {} else { seen = nil }
            // Who puts a file there wants keys: one that cannot be read from the beginning lets nobody in.
            let hasKeys = state.withLock { state in
                (state.seen, state.entries) = (seen, state.entries ?? [:])
                return state.entries?.isEmpty == false
            }
            complain("\(error); \(hasKeys ? "the keys that were read before stay valid" : "no key is valid")")
        }
    }

    private func replace(_ keys: [APIKey], _ version: FileVersion) {
        state.withLock { state in
            let old = state.entries ?? [:]
            state.entries = Dictionary(
                keys.map { ($0.id, Entry(key: $0, bucket: old[$0.id]?.bucket(for: $0) ?? TokenBucket())) },
                uniquingKeysWith: { $1 })
            (state.seen, state.complaint) = (version, nil)
        }
        logger.notice("keys in '\(file.path)': \(keys.count)")
        if version.isOpenToOthers {
            logger.warning("the key file '\(file.path)' can be read or changed by others: chmod 600 '\(file.path)'")
        }
        if keys.isEmpty {
            logger.warning(
                "the key file '\(file.path)' has no key: what needs one is refused to everybody; 'martlet keys add' adds one"
            )
        }
    }

    private func complain(_ message: String) {
        let isNew = state.withLock { state in
            defer { state.complaint = message }
            return state.complaint != message
        }
        if isNew { logger.error("\(message)") }
    }
}

/// What changes of a file when it is written or replaced.
private struct FileVersion: Equatable {
    private let inode: UInt64
    private let size: Int64
    private let seconds: Int
    private let nanoseconds: Int
    /// Others than the owner can write it, or all can read it.
    let isOpenToOthers: Bool

    /// `nil` where there is no such file. Any other error hides one that may be there.
    init?(_ path: String) throws(KeyFileError) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
            let number = errno
            guard number == ENOENT || number == ENOTDIR else { throw KeyFileError(reading: path, number) }
            return nil
        }
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
        // Of the last change of its content, its owner or its mode, by which it may become readable.
        seconds = Int(status.st_ctim.tv_sec)
        nanoseconds = Int(status.st_ctim.tv_nsec)
        isOpenToOthers = status.st_mode & 0o026 != 0
    }
}
