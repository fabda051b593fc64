/// The batches in the networks, and whether another may begin beside them.
///
/// A batch of a multiple of the threads gives each thread whole images, and a thread for which none is left may begin
/// with the next batch's. Fewer images than threads share the threads layer by layer, which only works undisturbed.
struct RunningBatches {
    /// In all of them.
    private(set) var images = 0
    /// When the latest batch ended.
    private(set) var lastEnd: ContinuousClock.Instant?
    private var count = 0
    private var hasBegun = false

    /// How many of `available` images the next batch takes; 0 where it has to wait.
    func nextSize(_ available: Int, threads: Int) -> Int {
        let whole = available - available % threads
        if count == 0 { return whole > 0 ? whole : available }
        return count == 1 && hasBegun ? whole : 0
    }

    mutating func begin(_ size: Int) {
        count += 1
        images += size
        hasBegun = false
    }

    /// The threads have begun with all images of the batch that began last.
    mutating func allBegun() { hasBegun = true }

    mutating func end(_ size: Int, now: ContinuousClock.Instant) {
        count -= 1
        images -= size
        lastEnd = now
    }
}
