import Compute
import Imaging
import Inference
import Service

/// Measures what an image file costs: decoded and prepared alone, then with the network, then on all cores at a time.
struct ImageBenchmark {
    private let file: String
    private let model: LoadedModel
    private let bytes: [UInt8]
    private let preprocessing: Preprocessing
    private let decoder = ImageDecoder()

    /// - Throws: where the file is not an image that is read.
    init(file: String, _ model: LoadedModel) throws {
        (self.file, self.model) = (file, model)
        do {
            bytes = try imageFile(file).get()
            preprocessing = try model.preprocessing()
            _ = try prepare()
        } catch {
            throw CommandError("\(file): \(error)")
        }
    }

    private func prepare() throws(ImageError) -> [Float] {
        preprocessing.tensor(try decoder.decode(bytes, for: preprocessing))
    }

    func run(_ pool: ComputePool, batches: BatchBenchmark, seconds: Double) throws -> BenchReport.Image {
        let prepareMs = try medianMilliseconds(for: seconds) { _ = try prepare() }
        let totalMs = try medianMilliseconds(for: seconds) {
            _ = try model.plan.run([try prepare()], layers: [model.plan.outputName])
        }
        // As many as there are cores decode at the same time, since they share caches and memory.
        let count = 8 * pool.threads
        let allPrepareMs = try medianMilliseconds(for: seconds) {
            pool.parallelFor(count) { _, _ in _ = try? prepare() }
        }
        // Enough images that the last ones' end, where threads rest, hardly counts.
        let all = 64 * pool.threads
        let allMs = try medianMilliseconds(for: seconds) {
            pool.parallelFor(all) { _, _ in
                guard let input = try? prepare() else { return }
                _ = try? model.plan.runAside(input, layer: model.plan.outputName)
            }
        }
        return BenchReport.Image(
            file: file, prepareMs: prepareMs, totalMs: totalMs,
            imagesPerSecond: 1000 * Double(all) / allMs,
            imagesPerSecondBound: 1000 / (allPrepareMs / Double(count) + batches.msPerImage))
    }
}
