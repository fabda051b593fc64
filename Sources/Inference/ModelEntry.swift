/// A model of the repository and its versions.
struct ModelEntry {
    struct Version {
        let number: Int?
        let path: String
        /// What requests and answers call it; known from the first load on where the folder has no number.
        var label: String
        /// Of the files that were last loaded, or that could not be; empty where there are none yet, or none any more.
        var signature: [String]
        /// Of files that are different now, empty where they are gone: acted on when they have not changed for one scan.
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
        var isGone: Bool { signature.isEmpty && pending == nil }

        /// Answers with `model` from now on.
        mutating func take(_ model: LoadedModel) {
            (loaded, label, lastUse) = (model, model.version, .now)
            (failure, isEvicted) = (nil, false)
        }

        /// Takes over what a scan shows of its files, nothing where they are gone, once it has stayed so for two scans.
        ///
        /// - Returns: whether they are to be acted on now.
        fileprivate mutating func update(_ found: [String], isImmediate: Bool) -> Bool {
            guard found != signature else {
                pending = nil
                return false
            }
            guard isImmediate || found == pending else {
                pending = found
                return false
            }
            (signature, pending, failure) = (found, nil, nil)
            return true
        }
    }

    /// In rising order.
    var versions: [Version]
    /// Taken out of service by hand, until it is loaded by hand.
    var isUnloaded = false

    /// What a request gets that names no version: the highest that was loaded, and can be again.
    var latest: Int? { versions.lastIndex { $0.loaded != nil || $0.isEvicted && $0.failure == nil } }

    func index(of label: String) -> Int? { versions.firstIndex { $0.label == label } }

    /// A version, unless the model is taken out of service.
    func loadable(_ index: Int) -> Version? { isUnloaded ? nil : versions[index] }

    /// Has the next scan take the files that could not be loaded for new ones.
    mutating func forgetFailures() {
        for index in versions.indices where versions[index].failure != nil {
            (versions[index].signature, versions[index].failure) = ([], nil)
        }
    }

    /// Takes over what a scan shows of the model's folder; what is gone is let go.
    ///
    /// - Returns: the versions whose files changed, and those that are gone.
    mutating func update(_ found: [ModelFolder.Version], isImmediate: Bool) -> (changed: [Int?], gone: [Version]) {
        for folder in found where !versions.contains(where: { $0.number == folder.number }) {
            var version = Version(folder)
            version.signature = []
            versions.append(version)
        }
        versions.sort { ($0.number ?? -1) < ($1.number ?? -1) }
        var changed: [Int?] = []
        for index in versions.indices {
            let number = versions[index].number
            let signature = found.first { $0.number == number }?.signature ?? []
            if versions[index].update(signature, isImmediate: isImmediate) { changed.append(number) }
        }
        let gone = versions.filter(\.isGone)
        versions.removeAll(where: \.isGone)
        return (changed, gone)
    }
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
