import Compute
import Logging
import ModelFormats
import Network

/// The models that are served, and the folder they come from: `<directory>/<name>/[<version>/]config.json`.
///
/// The highest version of each model that can be loaded is served to requests that name none; another is loaded when a
/// request asks for it. Models are loaded on a thread of their own while others are served, and only one that has been
/// validated, checked against its golden vector and run once takes another's place, at once. What was replaced answers
/// the requests it has and is let go.
public final class ModelRepository: Sendable {
    /// How models are loaded.
    public struct Options: Sendable {
        public var pool = ComputePool.shared
        public var kernels: KernelTable
        public var plan = PlanOptions()
        /// The most bytes of weights and working memory of all models; beyond it the one that was not asked for the longest
        /// is unloaded until it is asked for again. Room is made when a model has been loaded: until then, and until the
        /// requests for what is unloaded are answered, that much more is taken. `nil` for no limit.
        public var memoryBudget: Int?
        /// What the application demands of a model, beyond that it can be run.
        public var check: @Sendable (LoadedModel) throws -> Void = { _ in }
        /// Gives the allocator's free memory back to the system; called when a model has been let go.
        public var returnMemory: @Sendable () -> Void = {}
        public var logger = Logger(label: "martlet.models", factory: { _ in SwiftLogNoOpLogHandler() })

        public init(kernels: KernelTable) { self.kernels = kernels }
    }

    struct State {
        var entries: [String: ModelEntry] = [:]
        var defaultModel: String?
        /// Why the folder could not be read at the last scan.
        var folderFailure: String?
        /// The default was asked for by name, and is no other's.
        let isDefaultNamed: Bool
        /// What requests wait for.
        var loads: [ModelReference: SharedLoad] = [:]

        /// Where the default was not named and its folder is gone, the first by name that answers takes its place.
        ///
        /// - Returns: who does.
        mutating func replaceMissingDefault() -> String? {
            guard !isDefaultNamed, let defaultModel, entries[defaultModel] == nil,
                let next = entries.keys.sorted().first(where: { entries[$0]?.latest != nil })
            else { return nil }
            self.defaultModel = next
            return next
        }
    }

    /// What a request names.
    struct ModelReference: Hashable {
        let name: String
        /// `nil` for the latest.
        let version: String?
    }

    let directory: String
    let options: Options
    let state: Locked<State>
    let background = BackgroundQueue(name: "martlet-loader")

    /// Loads the highest version of every model in `directory` that can be loaded, in turn, and logs those that cannot.
    /// The default is the model named, else the first by name, as long as its folder is there.
    ///
    /// - Throws: ``InferenceError`` where none can be loaded, or the default does not exist or cannot be.
    public init(directory: String, defaultModel name: String?, options: Options) throws(InferenceError) {
        let folder = try ModelFolder(scanning: directory)
        for other in folder.others {
            options.logger.notice(
                "'\(directory)/\(other)' is no model: it holds no config.json and no <version>/config.json")
        }
        for file in folder.looseFiles {
            options.logger.warning("'\(file)' is not served: \(Model.remedy(forLooseFile: file))")
        }
        guard !folder.models.isEmpty else {
            throw .noModels(directory: directory, looseFile: folder.looseFiles.first)
        }
        let names = folder.models.keys.sorted()
        if let name, !names.contains(name) { throw .unknownModel(name, available: names) }
        self.directory = directory
        self.options = options
        var entries: [String: ModelEntry] = [:]
        for (name, versions) in folder.models {
            entries[name] = ModelEntry(versions: versions.map(ModelEntry.Version.init))
        }
        state = Locked(State(entries: entries, defaultModel: name, isDefaultNamed: name != nil))
        var failures: [String: InferenceError] = [:]
        for name in names { failures[name] = loadLatest(of: name) }
        let loaded = names.filter { failures[$0] == nil }
        if let name, let failure = failures[name] { throw failure }
        guard let first = loaded.first else {
            throw failures[names[0]] ?? .noModels(directory: directory, looseFile: nil)
        }
        state.withLock { $0.defaultModel = $0.defaultModel ?? first }
    }

    /// A repository of one model.
    public init(_ model: LoadedModel) {
        directory = ""
        options = Options(kernels: model.plan.kernels)
        var version = ModelEntry.Version(ModelFolder.Version(number: nil, path: "", signature: []))
        (version.loaded, version.label) = (model, model.version)
        state = Locked(
            State(
                entries: [model.name: ModelEntry(versions: [version])], defaultModel: model.name, isDefaultNamed: true))
    }

    /// The model of that name, or the default, in that version, or the latest. One that is not loaded is loaded first,
    /// once for all that wait for it.
    ///
    /// - Parameter deadline: how long to wait for it; `nil` for as long as it takes.
    /// - Throws: ``InferenceError`` where there is no such model or version, it cannot be loaded, or is not in time;
    ///   `CancellationError` where the task is cancelled while it waits.
    public func model(
        named name: String? = nil, version: String? = nil, deadline: ContinuousClock.Instant? = nil
    ) async throws -> LoadedModel {
        let reference = state.withLock { state in
            ModelReference(
                name: name ?? state.defaultModel ?? "", version: version == "latest" ? nil : version)
        }
        if let model = try loadedModel(reference) { return model }
        return try await sharedLoad(of: reference).model(until: deadline)
    }

    /// All models, by name.
    public var models: [ModelStatus] {
        state.withLock { state in
            state.entries.sorted { $0.key < $1.key }.map { name, entry in
                ModelStatus(
                    name: name, isDefault: name == state.defaultModel,
                    versions: entry.versions.enumerated().map { index, version in
                        ModelVersionStatus(
                            version: version.label, state: version.state, isLatest: index == entry.latest,
                            failure: version.failure)
                    }, latest: entry.latest.flatMap { entry.versions[$0].loaded })
            }
        }
    }

    /// The folder or file that the model was loaded from; `nil` where it was replaced or let go.
    public func path(of model: LoadedModel) -> String? {
        state.withLock { state in
            state.entries.values.lazy.flatMap(\.versions).first { $0.loaded === model }?.path
        }
    }

    /// Whether the default model answers.
    public var isReady: Bool {
        state.withLock { state in
            state.defaultModel.flatMap { state.entries[$0]?.latest } != nil
        }
    }

    /// The loaded model; `nil` where it is not loaded, but may be: what failed is not tried again for each request, but
    /// when its files change.
    func loadedModel(_ reference: ModelReference) throws(InferenceError) -> LoadedModel? {
        try state.withLock { (state) throws(InferenceError) in
            let name = reference.name
            guard let entry = state.entries[name] else {
                throw .unknownModel(name, available: state.entries.keys.sorted())
            }
            guard !entry.isUnloaded else { throw .unloaded(name) }
            var index = entry.latest
            if let version = reference.version {
                guard let found = entry.index(of: version) else {
                    throw .unknownVersion(version, model: name, available: entry.versions.map(\.label))
                }
                index = found
            }
            if let index, let model = entry.versions[index].loaded {
                state.entries[name]?.versions[index].lastUse = .now
                return model
            }
            let candidates = index.map { [entry.versions[$0]] } ?? entry.versions
            if candidates.allSatisfy({ $0.failure != nil }), let last = candidates.last {
                throw .modelFailed(path: last.path, reason: last.failure ?? "")
            }
            return nil
        }
    }

    /// The load that requests for a model wait for; the first of them begins it.
    func sharedLoad(of reference: ModelReference) -> SharedLoad {
        let (load, isNew) = state.withLock { state in
            if let load = state.loads[reference] { return (load, false) }
            let load = SharedLoad()
            state.loads[reference] = load
            return (load, true)
        }
        if isNew {
            background.perform { [self] in
                let result = Result { try loadOnDemand(reference) }
                state.withLock { $0.loads[reference] = nil }
                load.finish(with: result)
            }
        }
        return load
    }
}
