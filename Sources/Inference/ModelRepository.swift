import Compute
import Logging

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
        /// The most bytes of weights and working memory of all models; beyond it the one that was not asked for the longest
        /// is unloaded until it is asked for again. `nil` for no limit.
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
    }

    let directory: String
    let options: Options
    let state: Locked<State>
    let background = BackgroundQueue()
    private let watch = Locked<Repetition?>(nil)

    /// Loads the highest version of every model in `directory` that can be loaded, in turn, and logs those that cannot.
    /// The default is the model named, else the first by name.
    ///
    /// - Throws: ``InferenceError`` where none can be loaded, or the default does not exist or cannot be.
    public init(directory: String, defaultModel name: String?, options: Options) throws(InferenceError) {
        let folder = try ModelFolder(scanning: directory)
        for other in folder.others {
            options.logger.notice(
                "'\(directory)/\(other)' is no model: it holds no config.json and no <version>/config.json")
        }
        guard !folder.models.isEmpty else { throw .noModels(directory: directory) }
        let names = folder.models.keys.sorted()
        if let name, !names.contains(name) { throw .unknownModel(name, available: names) }
        self.directory = directory
        self.options = options
        var entries: [String: ModelEntry] = [:]
        for (name, versions) in folder.models {
            entries[name] = ModelEntry(versions: versions.map(ModelEntry.Version.init))
        }
        state = Locked(State(entries: entries, defaultModel: name))
        var failures: [String: InferenceError] = [:]
        for name in names { failures[name] = loadLatest(of: name) }
        let loaded = names.filter { failures[$0] == nil }
        if let name, let failure = failures[name] { throw failure }
        guard let first = loaded.first else { throw failures[names[0]] ?? .noModels(directory: directory) }
        state.withLock { $0.defaultModel = $0.defaultModel ?? first }
    }

    /// A repository of one model.
    public init(_ model: LoadedModel) {
        directory = ""
        options = Options(kernels: model.plan.kernels)
        var version = ModelEntry.Version(ModelFolder.Version(number: nil, path: "", signature: []))
        (version.loaded, version.label) = (model, model.version)
        state = Locked(
            State(entries: [model.name: ModelEntry(versions: [version])], defaultModel: model.name))
    }

    /// The model of that name, or the default, in that version, or the latest. One that is not loaded is loaded first.
    ///
    /// - Throws: ``InferenceError`` where there is no such model or version, or it cannot be loaded.
    public func model(named name: String? = nil, version: String? = nil) async throws(InferenceError) -> LoadedModel {
        if let model = try loadedModel(name, version) { return model }
        let result = await background.run { [self] in self.loadOnDemand(name, version) }
        return try result.get()
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

    /// Whether the default model answers.
    public var isReady: Bool {
        state.withLock { state in
            state.defaultModel.flatMap { state.entries[$0]?.latest } != nil
        }
    }

    /// Looks at the folder every `interval`, and loads and unloads as it changes.
    public func watch(every interval: Duration) {
        let repetition = Repetition(every: interval) { [weak self] in
            guard let self else { return }
            background.perform { self.rescan() }
        }
        watch.withLock { $0 = repetition }
    }

    /// The loaded model; `nil` where it is known but not loaded.
    func loadedModel(_ name: String?, _ version: String?) throws(InferenceError) -> LoadedModel? {
        try state.withLock { (state) throws(InferenceError) in
            let name = name ?? state.defaultModel ?? ""
            guard let entry = state.entries[name] else {
                throw .unknownModel(name, available: state.entries.keys.sorted())
            }
            guard !entry.isUnloaded else { throw .unloaded(name) }
            var index = entry.latest
            if let version, version != "latest" {
                guard let found = entry.index(of: version) else {
                    throw .unknownVersion(version, model: name, available: entry.versions.map(\.label))
                }
                index = found
            }
            guard let index else { return nil }
            state.entries[name]?.versions[index].lastUse = .now
            return entry.versions[index].loaded
        }
    }
}
