/// Why the store did not do what it was asked.
public enum StoreError: Error, Equatable {
    case unknownDataset(String)
    case unknownImage(Int64, dataset: String)
    case unknownJob(String)
    case unknownHead(String)
    case unknownHeadVersion(Int, head: String)
    /// The head has versions, but none to serve.
    case nothingPromoted(head: String)
    case invalidName(String)
    case invalidLabel(String)
    /// The job has ended and does not change any more.
    case jobEnded(String, JobState)
    /// Another job for the head has not ended.
    case headBusy(String, job: String)
    /// The key came before, with another request.
    case idempotencyKeyReused(String, job: String)
    /// The version is served and cannot be deleted.
    case versionPromoted(Int, head: String)
    /// An image, a head or a text is larger than one value of the database may be.
    case tooLarge
    case diskFull
    /// Somebody else, such as a backup, kept the database locked for too long.
    case busy
    /// Another server or command has the store open.
    case inUse(path: String, process: Int32?)
    /// The file is not a store of Martlet's.
    case foreignFile(path: String)
    /// A newer version of Martlet made the file; `migration` is the first that this one does not know.
    case newerSchema(path: String, migration: String)
    case corrupt(path: String, reason: String)
    case unreadable(path: String, reason: String)
    case closed
    /// A fault of the server's own.
    case failed(String)
}

extension StoreError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unknownDataset(let name): "there is no dataset '\(name)'"
        case .unknownImage(let id, let dataset): "dataset '\(dataset)' has no image \(id)"
        case .unknownJob(let id): "there is no job '\(id)'"
        case .unknownHead(let name): "there is no head '\(name)'"
        case .unknownHeadVersion(let version, let head): "head '\(head)' has no version \(version)"
        case .nothingPromoted(let head): "no version of head '\(head)' is promoted; promote one or name a version"
        case .invalidName(let name):
            "'\(name.prefix(80))' is no name for a dataset or head: expected 1 to 64 of the characters A-Z, a-z, 0-9, '.', "
                + "'_' and '-', the first a letter or digit"
        case .invalidLabel(let label):
            "'\(label)' is no label: expected 1 to 256 bytes of UTF-8 without control characters"
        case .jobEnded(let id, let state): "job \(id) has ended: \(state.rawValue)"
        case .headBusy(let head, let job):
            "job \(job) already trains head '\(head)'; wait for its end, cancel it, or name another head"
        case .idempotencyKeyReused(let key, let job):
            "idempotency key '\(key)' belongs to another request, which made job \(job)"
        case .versionPromoted(let version, let head):
            "version \(version) of head '\(head)' is served; promote another one first, or delete the head"
        case .tooLarge: "a value is larger than the database takes (1,000,000,000 bytes)"
        case .diskFull: "the disk is full; nothing was changed"
        case .busy: "the database is locked by another program; try again"
        case .inUse(let path, let process):
            "store '\(path)' is in use" + (process.map { " by process \($0)" } ?? "")
                + "; ask that server over HTTP, or stop it first"
        case .foreignFile(let path): "'\(path)' is not a store of Martlet's; it was left as it is"
        case .newerSchema(let path, let migration):
            "store '\(path)' was made by a newer version of Martlet (it has the migration '\(migration)'); update Martlet"
        case .corrupt(let path, let reason): "store '\(path)' is damaged: \(reason); restore it from a backup"
        case .unreadable(let path, let reason): "cannot open store '\(path)': \(reason)"
        case .closed: "the store is closed"
        case .failed(let reason): reason
        }
    }
}
