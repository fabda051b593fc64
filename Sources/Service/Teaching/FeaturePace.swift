/// How a job's images go through the network: in batches on all threads while nobody else sends any; on one thread
/// behind all others while others do, or did a moment ago.
final class FeaturePace {
    private static let quietTime = Duration.seconds(1)
    private static let batchSize = 64
    /// Between two looks at whether others have stopped.
    private static let backgroundSize = 8

    private let networks: any FeatureNetworks
    private let givesWay: Bool
    /// What was admitted when this was looked at last, own images included.
    private var admitted: Int
    /// At first nobody knows.
    private var lastOthers = ContinuousClock.now

    init(networks: any FeatureNetworks, givesWay: Bool) {
        self.networks = networks
        self.givesWay = givesWay
        admitted = networks.admittedImages
    }

    /// - Throws: ``ServiceError``, `CancellationError`.
    func features(
        of images: [ViewedImage], by network: any FeatureNetwork
    ) async throws -> [Result<[Float], ImageFailure>] {
        var results: [Result<[Float], ImageFailure>] = []
        results.reserveCapacity(images.count)
        while results.count < images.count {
            let isQuiet = isQuiet()
            let end = min(results.count + (isQuiet ? Self.batchSize : Self.backgroundSize), images.count)
            let group = Array(images[results.count..<end])
            do throws(ServiceError) {
                results += try await network.features(of: group, inBackground: !isQuiet)
                if isQuiet { admitted += group.count }
            } catch {
                // Others have the queue's places; they come first.
                guard case .overloaded = error else { throw error }
                lastOthers = .now
            }
            try Task.checkCancellation()
        }
        return results
    }

    private func isQuiet() -> Bool {
        guard givesWay else { return true }
        let admitted = networks.admittedImages
        if admitted > self.admitted { lastOthers = .now }
        self.admitted = admitted
        return ContinuousClock.now - lastOthers > Self.quietTime
    }
}
