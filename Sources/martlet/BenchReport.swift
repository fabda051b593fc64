import Foundation

/// What `martlet bench` found.
struct BenchReport: Encodable {
    struct Layer: Encodable {
        let name: String
        let operation: String
        let kernel: String
        /// For the whole batch.
        let ms: Double
        let gflops: Double
    }

    /// What batches take: `t = a·n + b`.
    struct Batches: Encodable {
        struct Size: Encodable {
            let images: Int
            /// For the whole batch.
            let ms: Double
        }

        let sizes: [Size]
        /// a
        let msPerImage: Double
        /// b
        let msPerBatch: Double
        /// The most images that the server runs at a time.
        let best: Int
    }

    /// What an image costs beside and with the network.
    struct Image: Encodable {
        let file: String
        /// Decoding and preprocessing, on one thread.
        let prepareMs: Double
        /// Decoding, preprocessing and the network, one image at a time.
        let totalMs: Double
        /// Each core preparing and computing one image after another.
        let imagesPerSecond: Double
        /// All cores prepare, then all compute in batches, each with its caches to itself: more cannot be.
        let imagesPerSecondBound: Double
    }

    let model: String
    let isa: String
    /// What most layers multiply: `f32`, `bf16` or `int8`.
    let precision: String
    let threads: Int
    let batch: Int
    /// Median.
    let msPerImage: Double
    let gflops: Double
    let peakGflopsPerCore: Double
    /// What it costs to share a layer between the threads; `nil` where there is one.
    let forkJoinUs: Double?
    let layers: [Layer]
    /// With an image file, as `image`.
    let batches: Batches?
    let image: Image?

    var text: String {
        var table = Table(header: ["layer", "operation", "ms", "GFLOP/s", "kernel"], leftAligned: [0, 1, 4])
        for layer in layers {
            table.append([
                layer.name, layer.operation, String(format: "%.3f", layer.ms), String(format: "%.0f", layer.gflops),
                layer.kernel,
            ])
        }
        let share = 100 * gflops / (peakGflopsPerCore * Double(threads))
        return """
            \(table.text)

            \(batches.map { "\($0.text)\n\n" } ?? "")\(image.map { "\($0.text)\n\n" } ?? "")\
            \(model): \(String(format: "%.3f", msPerImage)) ms an image (\(precision), \(isa), batch \(batch), \
            \(threads) thread\(threads == 1 ? "" : "s"))
            \(String(format: "%.1f GFLOP/s, %.1f %% of float32's peak of %.1f GFLOP/s a core", gflops, share, peakGflopsPerCore))\
            \(forkJoinUs.map { String(format: "\n%.2f µs to share a layer between the threads", $0) } ?? "")
            """
    }

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}

extension BenchReport.Batches {
    var text: String {
        var table = Table(header: ["batch", "ms", "ms/image"], leftAligned: [])
        for size in sizes {
            table.append([
                "\(size.images)", String(format: "%.3f", size.ms),
                String(format: "%.3f", size.ms / Double(size.images)),
            ])
        }
        return """
            \(table.text)

            a batch of n takes a·n + b: a = \(String(format: "%.3f ms, b = %.3f ms", msPerImage, msPerBatch)); \
            the server runs up to \(best) at a time
            """
    }
}

extension BenchReport.Image {
    var text: String {
        String(
            format:
                "%@: %.3f ms to decode and prepare, %.3f ms with the network; %.1f images/s on all cores, at most %.1f",
            file, prepareMs, totalMs, imagesPerSecond, imagesPerSecondBound)
    }
}
