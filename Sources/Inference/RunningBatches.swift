/// The batches in the networks, and whether another may begin beside them.
///
/// A batch of a multiple of the threads gives each thread whole images, and a thread for which none is left may begin
/// with the next batch's. Fewer images than threads share the threads layer by layer, which only works undisturbed.
struct RunningBatches {
    private struct Batch {
        let number: Int
        let images: Int
        /// When the last of those that began earlier ended beside it.
        var alone: ContinuousClock.Instant?
    }

    /// In the order in which they began.
    private var batches: [Batch] = []
    private var begun = 0
    private var hasBegun = false

    /// In all of them.
    var images: Int { batches.reduce(0) { $0 + $1.images } }

    /// How many of `available` images the next batch takes; 0 where it has to wait.
    func nextSize(_ available: Int, threads: Int) -> Int {
        let whole = available - available % threads
        if batches.isEmpty { return whole > 0 ? whole : available }
        return batches.count == 1 && hasBegun ? whole : 0
    }

    /// - Returns: the batch's number, for its end.
    mutating func begin(_ images: Int) -> Int {
        begun += 1
        batches.append(Batch(number: begun, images: images))
        hasBegun = false
        return begun
    }

    /// The threads have begun with all images of the batch that began last.
    mutating func allBegun() { hasBegun = true }

    /// - Parameter start: when its network began.
    /// - Returns: how long the batch ran, what it ran beside the end of an earlier one not included: that is the other's.
    mutating func end(_ number: Int, began start: ContinuousClock.Instant, now: ContinuousClock.Instant) -> Duration {
        guard let index = batches.firstIndex(where: { $0.number == number }) else { return .zero }
        let alone = batches.remove(at: index).alone
        for later in batches.indices where batches[later].number > number { batches[later].alone = now }
        return now - max(start, alone ?? start)
    }
}
