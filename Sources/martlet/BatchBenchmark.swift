import Inference
import Network

/// Measures batches of 1, 2, 4, … 32 images in turns, so that a change of the machine's speed meets all sizes alike.
struct BatchBenchmark {
    private static let sizes = [1, 2, 4, 8, 16, 32]

    let report: BenchReport.Batches

    init(_ plan: Plan, seconds: Double) throws {
        let image = [Float](repeating: 0.5, count: plan.inputShape.reduce(1, *))
        let clock = ContinuousClock()
        var latency = BatchLatency()
        var times = [[Double]](repeating: [], count: Self.sizes.count)
        for size in Self.sizes {  // the first run of a size touches all of its memory
            _ = try plan.run(Array(repeating: image, count: size), layers: [plan.outputName])
        }
        let end = clock.now + .seconds(seconds)
        while clock.now < end || times[0].count < 3 {
            for (index, size) in Self.sizes.enumerated() {
                let images = Array(repeating: image, count: size)
                let time = try clock.measure { _ = try plan.run(images, layers: [plan.outputName]) }
                times[index].append(time / .milliseconds(1))
                latency.add(images: size, seconds: time / .seconds(1))
            }
        }
        let line = latency.line ?? (0, 0)
        report = BenchReport.Batches(
            sizes: zip(Self.sizes, times).map { .init(images: $0, ms: median($1)) },
            msPerImage: 1000 * line.perImage, msPerBatch: 1000 * line.perBatch,
            best: latency.bestBatch(threads: plan.threads))
    }

    /// One image's share of a batch of the size that the server runs, in milliseconds.
    var msPerImage: Double {
        let size = report.sizes.last { $0.images <= report.best } ?? report.sizes[0]
        return size.ms / Double(size.images)
    }
}
