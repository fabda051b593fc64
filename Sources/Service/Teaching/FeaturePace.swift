/// How many images a job sends to the network at a time: many while nobody else sends any, since batches are fast; one while
/// others do, since an image that comes waits for the batch that is computed.
final class FeaturePace {
    private static let quietTime = Duration.seconds(1)
    private static let groupSize = 64

    private let networks: any FeatureNetworks
    private let givesWay: Bool
    /// What was admitted when this was looked at last, own images included.
    private var admitted: Int
    private var lastOthers: ContinuousClock.Instant?

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
            let count = min(isQuiet() ? Self.groupSize : 1, images.count - results.count)
            let group = Array(images[results.count..<results.count + count])
            do throws(ServiceError) {
                results += try await network.features(of: group)
                admitted += count
            } catch {
                // Others have the queue's places; they come first.
                guard case .overloaded = error else { throw error }
                lastOthers = .now
                try await Task.sleep(for: .milliseconds(200))
            }
            try Task.checkCancellation()
        }
        return results
    }

    private func isQuiet() -> Bool {
        guard givesWay else { return true }
        let now = ContinuousClock.now
        let admitted = networks.admittedImages
        if admitted > self.admitted { lastOthers = now }
        self.admitted = admitted
        return lastOthers.map { now - $0 > Self.quietTime } ?? true
    }
}
