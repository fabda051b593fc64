/// How long images that wait will take, learned from those before them.
struct DrainPrediction {
    /// How many inputs are made at a time.
    let width: Int
    /// Making one input, in seconds; the latest count most.
    private(set) var prepareSeconds = 0.0
    /// From the end of one batch to the end of the next while images wait, over what the model's batches take otherwise:
    /// what making inputs, refusing requests and everything else on these cores costs beside it. The latest count most.
    private var stretch = 1.0
    /// When the latest batch ended, if there was more to do then.
    private var busySince: ContinuousClock.Instant?
    /// When what runs should end.
    private var runningEnd: ContinuousClock.Instant?

    /// When an input was last made, and when a batch last ended.
    private var (preparedAt, endedAt): (ContinuousClock.Instant?, ContinuousClock.Instant?)

    init(width: Int) { self.width = width }

    /// Whether all that was learned is so old that it should be tried again before a request is refused for it.
    func isStale(now: ContinuousClock.Instant) -> Bool {
        isStale(preparedAt, now: now) && isStale(endedAt, now: now)
    }

    /// The same for what batches take.
    func areBatchesStale(now: ContinuousClock.Instant) -> Bool { isStale(endedAt, now: now) }

    private func isStale(_ learned: ContinuousClock.Instant?, now: ContinuousClock.Instant) -> Bool {
        learned.map { now - $0 > .seconds(1) } ?? true
    }

    /// An input was made.
    mutating func prepared(seconds: Double, now: ContinuousClock.Instant) {
        preparedAt = now
        prepareSeconds = prepareSeconds == 0 ? seconds : 0.95 * prepareSeconds + 0.05 * seconds
    }

    /// A batch of `images` begins.
    mutating func started(_ model: LoadedModel, images: Int, now: ContinuousClock.Instant) {
        runningEnd = max(runningEnd ?? now, now) + batch(model, images: images)
    }

    /// A batch of `images` ended, before the model has learned from it.
    ///
    /// - Parameters:
    ///   - othersRun: whether another batch runs.
    ///   - othersWait: whether images wait.
    mutating func ended(
        _ model: LoadedModel, images: Int, othersRun: Bool, othersWait: Bool, now: ContinuousClock.Instant
    ) {
        endedAt = now
        let expected = model.latency.seconds(images: images, batch: images)
        // A model whose batches are kept back lets the engine rest on purpose.
        if let busySince, model.batchDelay == .zero, expected > 0 {
            let found = (now - busySince) / .seconds(expected)
            stretch = 0.9 * stretch + 0.1 * min(found, 10)
        }
        busySince = othersRun || othersWait ? now : nil
        if !othersRun { runningEnd = nil }
    }

    /// What a batch of `images` takes beside everything else.
    func batch(_ model: LoadedModel, images: Int) -> Duration {
        .seconds(model.latency.seconds(images: images, batch: images) * stretch)
    }

    /// What the batches that run still take.
    func rest(now: ContinuousClock.Instant) -> Duration { max(.zero, (runningEnd ?? now) - now) }

    /// What `images` inputs and their networks' `computeSeconds` will take: the networks beside everything else, or the
    /// making of the inputs where that takes longer.
    func duration(images: Int, computeSeconds: Double) -> Duration {
        .seconds(max(computeSeconds * stretch, Double(images) * prepareSeconds / Double(width)))
    }

    /// What a request of `images` takes on an idle machine.
    func alone(_ model: LoadedModel, images: Int) -> Duration {
        let compute = model.latency.seconds(images: images, batch: model.batchLimit)
        return .seconds(compute + Double((images + width - 1) / width) * prepareSeconds)
    }
}
