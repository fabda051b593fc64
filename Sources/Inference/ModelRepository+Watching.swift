extension ModelRepository {
    /// Looks at the folder now and tries again what failed before: what SIGHUP asks for.
    public func reload() {
        background.perform { [self] in
            state.withLock { state in
                for name in state.entries.keys {
                    for index in state.entries[name]?.versions.indices ?? 0..<0 {
                        // Failed files look new.
                        if state.entries[name]?.versions[index].failure != nil {
                            state.entries[name]?.versions[index].signature = []
                        }
                    }
                }
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
            // A folder that cannot be read for a moment is no reason to stop serving.
            options.logger.error("\(error)")
            return
        }
        let changed = state.withLock { state -> [(name: String, versions: [Int?])] in
            Self.forgetMissing(folder, &state, isImmediate: isImmediate)
            return folder.models.sorted { $0.key < $1.key }.compactMap { name, versions in
                let changed = Self.merge(
                    versions, into: &state.entries[name, default: ModelEntry(versions: [])], isImmediate)
                return changed.isEmpty ? nil : (name, changed)
            }
        }
        for (name, numbers) in changed { reload(name, numbers) }
    }

    private static func forgetMissing(_ folder: ModelFolder, _ state: inout State, isImmediate: Bool) {
        for (name, entry) in state.entries where folder.models[name] == nil {
            if entry.isMissing || isImmediate {
                state.entries[name] = nil
            } else {
                state.entries[name]?.isMissing = true
            }
        }
    }

    /// Takes over what the folder shows of one model.
    ///
    /// - Returns: the versions whose files are to be loaded, or are gone.
    private static func merge(
        _ found: [ModelFolder.Version], into entry: inout ModelEntry, _ isImmediate: Bool
    ) -> [Int?] {
        entry.isMissing = false
        var changed: [Int?] = []
        var versions: [ModelEntry.Version] = []
        for folder in found {
            guard var version = entry.versions.first(where: { $0.number == folder.number }) else {
                var version = ModelEntry.Version(folder)
                if isImmediate {
                    changed.append(folder.number)
                } else {
                    version.signature = []
                    version.pending = folder.signature
                }
                versions.append(version)
                continue
            }
            if version.signature == folder.signature {
                version.pending = nil
            } else if version.pending == folder.signature || isImmediate {
                version.signature = folder.signature
                version.pending = nil
                version.failure = nil
                changed.append(folder.number)
            } else {
                version.pending = folder.signature
            }
            versions.append(version)
        }
        for version in entry.versions where !versions.contains(where: { $0.number == version.number }) {
            // Gone; what it loaded is let go.
            changed.append(version.number)
        }
        entry.versions = versions
        return changed
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
