extension DatasetStore {
    /// Throws unless the dataset, with what is to be added, has what a head can be trained on. To be asked before anything is
    /// stored: what cannot be trained on leaves nothing behind.
    ///
    /// - Parameter counts: how many images are to be added, by label.
    /// - Throws: `TeachingError.store` with ``StoreError/invalidLabel(_:)``, or with ``StoreError/unknownDataset(_:)`` where
    ///   nothing is added either; ``TeachingError/tooFewClasses(found:)``, ``TeachingError/tooFewImages(label:found:)``.
    public func checkClasses(adding counts: [String: Int], to dataset: String) async throws(TeachingError) {
        var all: [String: Int] = [:]
        do throws(StoreError) {
            for (label, count) in counts { all[try ImageLabel.normalized(label), default: 0] += count }
            for known in try await self.dataset(dataset).labels { all[known.label, default: 0] += known.imageCount }
        } catch {
            guard case .unknownDataset = error, !counts.isEmpty else { throw .store(error) }
        }
        try TeachingError.check(all)
    }
}
