/// A model of the repository and its versions.
struct ModelEntry {
    struct Version {
        let number: Int?
        let path: String
        /// What requests and answers call it; known from the first load on where the folder has no number.
        var label: String
        /// Of the files that were last loaded, or that could not be.
        var signature: [String]
        /// Of files that are different now: they are loaded when they have not changed for one scan.
        var pending: [String]?
        var loaded: LoadedModel?
        /// It was unloaded to make room, and is still what requests get: the next one loads it again.
        var isEvicted = false
        /// Why the files as they are cannot be served.
        var failure: String?
        var lastUse = ContinuousClock.now

        init(_ version: ModelFolder.Version) {
            (number, path, signature) = (version.number, version.path, version.signature)
            label = version.number.map(String.init) ?? "1"
        }

        var state: ModelVersionStatus.State { loaded != nil ? .ready : failure != nil ? .failed : .unloaded }
    }

    /// In rising order.
    var versions: [Version]
    /// Taken out of service by hand, until it is loaded by hand.
    var isUnloaded = false
    /// The folder was not there at the last scan.
    var isMissing = false

    /// What a request gets that names no version: the highest that was loaded.
    var latest: Int? { versions.lastIndex { $0.loaded != nil || $0.isEvicted } }

    func index(of label: String) -> Int? { versions.firstIndex { $0.label == label } }
}

/// How a version of a model is.
public struct ModelVersionStatus: Sendable, Equatable {
    public enum State: String, Sendable {
        /// It answers.
        case ready
        /// It is on disk, and loaded when a request asks for it.
        case unloaded
        /// It cannot be loaded.
        case failed
    }

    public let version: String
    public let state: State
    /// Whether requests that name no version get it.
    public let isLatest: Bool
    /// Why the files as they are now cannot be served. A version that is ready may have one: it then serves what the
    /// files were before.
    public let failure: String?

    public init(version: String, state: State, isLatest: Bool, failure: String?) {
        (self.version, self.state, self.isLatest, self.failure) = (version, state, isLatest, failure)
    }
}

/// How a model of the repository is.
public struct ModelStatus: Sendable {
    public let name: String
    public let isDefault: Bool
    /// In rising order.
    public let versions: [ModelVersionStatus]
    /// What requests get that name no version.
    public let latest: LoadedModel?
}
