import Compute
import Foundation
import Imaging
import Inference
import Service

/// Measures what an image file costs: decoded and prepared alone, then with the network, then on all cores at a time.
enum ImageBenchmark {
    static func run(
        file: String, _ model: LoadedModel, _ pool: ComputePool, batches: BatchBenchmark, seconds: Double
    ) throws -> BenchReport.Image {
        let bytes = Array(try Data(contentsOf: URL(filePath: file)))
        let (decoder, preprocessing) = (ImageDecoder(), try model.preprocessing())
        func prepare() throws(ImageError) -> [Float] {
            preprocessing.tensor(try decoder.decode(bytes, for: preprocessing))
        }
        let prepareMs = try medianMilliseconds(for: seconds) { _ = try prepare() }
        let totalMs = try medianMilliseconds(for: seconds) {
            _ = try model.plan.run([try prepare()], layers: [model.plan.outputName])
        }
        // As many as there are cores decode at the same time, since they share caches and memory.
        let count = 8 * pool.threads
        let allPrepareMs = try medianMilliseconds(for: seconds) {
            pool.parallelFor(count) { _, _ in _ = try? prepare() }
        }
        return BenchReport.Image(
            file: file, prepareMs: prepareMs, totalMs: totalMs,
            imagesPerSecondBound: 1000 / (allPrepareMs / Double(count) + batches.msPerImage))
    }
}
