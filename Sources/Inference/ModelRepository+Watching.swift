extension ModelRepository {
    /// Looks at the folder every `interval`, and loads and unloads as it changes.
    public func watch(every interval: Duration) {
        background.perform(after: interval) { [weak self] in
            self?.background.perform { [weak self] in
                guard let self else { return }
                rescan()
                // Only now: scans that wait behind a long load would all look at the same moment.
                watch(every: interval)
            }
        }
    }

    /// Looks at the folder now and tries again what failed before: what SIGHUP asks for. Returns when that is done.
    public func reload() async {
        await background.run { [self] in
            state.withLock { state in
                for name in state.entries.keys { state.entries[name]?.forgetFailures() }
            }
            rescan(isImmediate: true)
        }
    }

    /// Compares the folder with what is known. What is new, different or gone is acted on when it has stayed so for two
    /// scans, since a folder that is being copied changes under the reader's eyes.
    ///
    /// - Parameter isImmediate: acts at once.
    func rescan(isImmediate: Bool = false) {
        let folder: ModelFolder
        do {
            folder = try ModelFolder(scanning: directory)
        } catch {
            // A folder that cannot be read for a moment is no reason to stop serving, nor to say so at every scan.
            let isNews = state.withLock { state in
                defer { state.folderFailure = "\(error)" }
                return state.folderFailure != "\(error)"
            }
            if isNews { options.logger.error("\(error); what is loaded is still served") }
            return
        }
        state.withLock { $0.folderFailure = nil }
        for (name, numbers) in takeOver(folder, isImmediate: isImmediate) { reload(name, numbers) }
        // Where none answered before they were loaded.
        announce(default: state.withLock { $0.replaceMissingDefault() })
    }

    /// Notes what is different in the folder and lets go what is gone.
    ///
    /// - Returns: the models that changed, and their versions that did.
    private func takeOver(_ folder: ModelFolder, isImmediate: Bool) -> [(name: String, versions: [Int?])] {
        let (changes, newDefault) = state.withLock { state in
            var changes: [(String, [Int?])] = []
            for name in Set(state.entries.keys).union(folder.models.keys).sorted() {
                var entry = state.entries[name] ?? ModelEntry(versions: [])
                let (changed, gone) = entry.update(folder.models[name] ?? [], isImmediate: isImmediate)
                for model in gone.compactMap(\.loaded) { returnMemory(of: model) }
                state.entries[name] = entry.versions.isEmpty ? nil : entry
                if !changed.isEmpty || !gone.isEmpty { changes.append((name, changed)) }
            }
            return (changes, state.replaceMissingDefault())
        }
        announce(default: newDefault)
        return changes
    }

    private func announce(default name: String?) {
        if let name {
            options.logger.notice("model '\(name)' is the default now; the folder of the one before is gone")
        }
    }

    private func reload(_ name: String, _ numbers: [Int?]) {
        let indices = state.withLock { state -> [Int] in
            guard let entry = state.entries[name], !entry.isUnloaded else { return [] }
            return entry.versions.indices.filter { numbers.contains(entry.versions[$0].number) }
        }
        // Files that were replaced under a version that is loaded: what they were is served until they are loaded.
        for index in indices where state.withLock({ $0.entries[name]?.versions[index].loaded != nil }) {
            _ = load(name, index)
        }
        guard state.withLock({ $0.entries[name]?.isUnloaded == false }) else { return }
        loadLatest(of: name)
    }
}
