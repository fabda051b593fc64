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

    let model: String
    let isa: String
    let threads: Int
    let batch: Int
    /// Median.
    let msPerImage: Double
    let gflops: Double
    let peakGflopsPerCore: Double
    let layers: [Layer]

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

            \(model): \(String(format: "%.3f", msPerImage)) ms an image (\(isa), batch \(batch), \
            \(threads) thread\(threads == 1 ? "" : "s"))
            \(String(format: "%.1f GFLOP/s, %.1f %% of the peak of %.1f GFLOP/s a core", gflops, share, peakGflopsPerCore))
            """
    }

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
