/// What a batch of `n` images takes, learned from those that ran: `t = a·n + b`, by least squares in which older batches
/// count less.
public struct BatchLatency: Sendable {
    /// How much of a batch's weight is left when the next one has run: about the last hundred count.
    private static let retention = 0.99

    private var weight = 0.0
    private var images = 0.0
    private var seconds = 0.0
    private var imagesSquared = 0.0
    private var imagesSeconds = 0.0
    /// Batches seen.
    public private(set) var batches = 0

    public init() {}

    /// Takes in a batch that ran.
    public mutating func add(images count: Int, seconds time: Double) {
        let n = Double(count)
        weight = weight * Self.retention + 1
        images = images * Self.retention + n
        seconds = seconds * Self.retention + time
        imagesSquared = imagesSquared * Self.retention + n * n
        imagesSeconds = imagesSeconds * Self.retention + n * time
        batches += 1
    }

    /// `a`, seconds for each image, and `b`, seconds for the batch; neither is negative. `nil` before the first batch.
    public var line: (perImage: Double, perBatch: Double)? {
        guard weight > 0, images > 0 else { return nil }
        let variance = imagesSquared / weight - (images / weight) * (images / weight)
        let covariance = imagesSeconds / weight - (images / weight) * (seconds / weight)
        // One size of batch alone has no slope.
        guard variance > 1e-3 else { return (seconds / images, 0) }
        let slope = covariance / variance
        let intercept = seconds / weight - slope * images / weight
        if intercept < 0 { return (imagesSeconds / imagesSquared, 0) }
        if slope < 0 { return (0, seconds / weight) }
        return (slope, intercept)
    }

    /// What `count` images will take when they run in batches of up to `batch`; nothing before the first batch.
    func seconds(images count: Int, batch: Int) -> Double {
        guard count > 0, let line else { return 0 }
        let batches = (count + batch - 1) / max(1, batch)
        return Double(count) * line.perImage + Double(batches) * line.perBatch
    }

    /// The smallest multiple of `threads`, from two images a thread on, from which a larger batch would save less than a
    /// twentieth of an image's time; at most 16 images, or two a thread where that is more: more would only make others
    /// wait.
    public func bestBatch(threads: Int) -> Int {
        let (smallest, largest) = (2 * threads, 16)
        guard let line, batches >= 8 else { return smallest }
        var batch = smallest
        while batch + threads <= largest, line.perBatch / Double(batch) > 0.05 * line.perImage { batch += threads }
        return batch
    }
}
