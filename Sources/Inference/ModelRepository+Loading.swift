extension ModelRepository {
    /// Loads a model again by hand, whatever became of it before: its highest version that can be loaded.
    ///
    /// - Throws: ``InferenceError`` where there is no such model, or its highest version cannot be loaded as its files are,
    ///   although a lower one, or what they were before, is served.
    public func load(_ name: String) async throws(InferenceError) {
        let failure = await background.run { [self] () -> InferenceError? in
            state.withLock { state in
                state.entries[name]?.isUnloaded = false
                state.entries[name]?.forgetFailures()
            }
            rescan(isImmediate: true)
            let names = state.withLock { $0.entries.keys.sorted() }
            guard names.contains(name) else { return .unknownModel(name, available: names) }
            if let failure = loadLatest(of: name) { return failure }
            return state.withLock { state in
                guard let highest = state.entries[name]?.versions.last, let reason = highest.failure else { return nil }
                return .modelFailed(path: highest.path, reason: reason)
            }
        }
        if let failure { throw failure }
    }

    /// Takes a model out of service until it is loaded again by hand.
    ///
    /// - Throws: ``InferenceError/unknownModel(_:available:)``
    public func unload(_ name: String) throws(InferenceError) {
        try state.withLock { (state) throws(InferenceError) in
            guard state.entries[name] != nil else {
                throw .unknownModel(name, available: state.entries.keys.sorted())
            }
            state.entries[name]?.isUnloaded = true
            for index in state.entries[name]?.versions.indices ?? 0..<0 {
                if let model = state.entries[name]?.versions[index].loaded { returnMemory(of: model) }
                state.entries[name]?.versions[index].loaded = nil
                state.entries[name]?.versions[index].isEvicted = false
            }
        }
        options.logger.notice("model '\(name)' is unloaded")
    }

    /// Loads the highest version that can be, unless it is loaded; lower ones that are loaded give way to it.
    ///
    /// - Returns: why none could be loaded.
    @discardableResult
    func loadLatest(of name: String) -> InferenceError? {
        var failure: InferenceError?
        let count = state.withLock { $0.entries[name]?.versions.count ?? 0 }
        for index in (0..<count).reversed() {
            let (isLoaded, hasFailed) = state.withLock { state in
                let version = state.entries[name]?.versions[index]
                return (version?.loaded != nil, version?.failure != nil)
            }
            if !isLoaded, !hasFailed, let error = load(name, index) { failure = failure ?? error }
            guard state.withLock({ $0.entries[name]?.versions[index].loaded != nil }) else { continue }
            unload(name, below: index)
            return nil
        }
        return failure ?? .modelFailed(path: "\(directory)/\(name)", reason: lastFailure(of: name))
    }

    /// Loads one version, which takes the place of what it was before; a version that cannot be loaded takes nobody's,
    /// nor does one whose model is unloaded by hand in the meantime.
    func load(_ name: String, _ index: Int) -> InferenceError? {
        guard let version = state.withLock({ $0.entries[name]?.loadable(index) }) else { return .unloaded(name) }
        let start = ContinuousClock.now
        do {
            if let reason = ModelFolder.failure(ofListing: version.path) {
                throw InferenceError.modelFailed(path: version.path, reason: reason)
            }
            let model = try LoadedModel(
                path: version.path, name: name, version: version.number.map(String.init), pool: options.pool,
                kernels: options.kernels, options: options.plan)
            try options.check(model)
            if let budget = options.memoryBudget, model.plan.bytes > budget {
                throw InferenceError.modelFailed(
                    path: version.path, reason: "it needs \(model.plan.bytes) bytes, more than the budget of \(budget)")
            }
            let isWanted = state.withLock { state in
                guard var version = state.entries[name]?.loadable(index) else { return false }
                version.take(model)
                state.entries[name]?.versions[index] = version
                return true
            }
            guard isWanted else {
                returnMemory(of: model)
                return .unloaded(name)
            }
            if let replaced = version.loaded { returnMemory(of: replaced) }
            makeRoom(besides: model)
            let milliseconds = Int((ContinuousClock.now - start) / .milliseconds(1))
            options.logger.info("model '\(name)' version \(model.version) is loaded (\(milliseconds) ms)")
            for assumption in model.assumptions { options.logger.warning("model '\(name)': \(assumption)") }
            return nil
        } catch {
            let failure =
                error as? InferenceError ?? InferenceError.modelFailed(path: version.path, reason: "\(error)")
            state.withLock { $0.entries[name]?.versions[index].failure = "\(failure)" }
            let consequence = version.loaded == nil ? "" : "; what was loaded before is still served"
            options.logger.error("\(failure)\(consequence)")
            return failure
        }
    }

    /// For a request that names what is not loaded.
    func loadOnDemand(_ reference: ModelReference) throws(InferenceError) -> LoadedModel {
        if let model = try loadedModel(reference) { return model }
        let name = reference.name
        let failure: InferenceError?
        if let version = reference.version {
            let index = state.withLock { $0.entries[name]?.index(of: version) }
            failure = index.flatMap { load(name, $0) }
        } else {
            failure = loadLatest(of: name)
        }
        if let failure { throw failure }
        guard let model = try loadedModel(reference) else { throw .unloaded(name) }
        return model
    }

    private func lastFailure(of name: String) -> String {
        state.withLock { $0.entries[name]?.versions.compactMap(\.failure).last } ?? "it has no version"
    }

    private func unload(_ name: String, below index: Int) {
        let replaced = state.withLock { state -> [String] in
            var replaced: [String] = []
            for lower in 0..<index {
                guard let model = state.entries[name]?.versions[lower].loaded else { continue }
                returnMemory(of: model)
                state.entries[name]?.versions[lower].loaded = nil
                state.entries[name]?.versions[lower].isEvicted = false
                replaced.append(state.entries[name]?.versions[lower].label ?? "")
            }
            return replaced
        }
        for version in replaced { options.logger.info("model '\(name)' version \(version) is replaced and unloaded") }
    }

    /// Unloads what was not asked for the longest until all fits the budget.
    private func makeRoom(besides kept: LoadedModel) {
        guard let budget = options.memoryBudget else { return }
        let unloaded = state.withLock { state -> [String] in
            var unloaded: [String] = []
            while true {
                let loaded = state.entries.flatMap { name, entry in
                    entry.versions.enumerated().compactMap { index, version in
                        version.loaded.map { (name: name, index: index, model: $0, lastUse: version.lastUse) }
                    }
                }
                guard loaded.reduce(0, { $0 + $1.model.plan.bytes }) > budget,
                    let oldest = loaded.filter({ $0.model !== kept }).min(by: { $0.lastUse < $1.lastUse })
                else { return unloaded }
                returnMemory(of: oldest.model)
                state.entries[oldest.name]?.versions[oldest.index].loaded = nil
                state.entries[oldest.name]?.versions[oldest.index].isEvicted = true
                unloaded.append("'\(oldest.name)' version \(oldest.model.version)")
            }
        }
        for model in unloaded {
            options.logger.info("model \(model) is unloaded: the memory budget is \(budget) bytes")
        }
    }

    /// Has the memory of a model that was let go given back to the system, when its last request is answered.
    func returnMemory(of model: LoadedModel) {
        background.perform(after: .seconds(1)) { [weak self, weak model] in
            guard let self else { return }
            if let model { returnMemory(of: model) } else { options.returnMemory() }
        }
    }
}
