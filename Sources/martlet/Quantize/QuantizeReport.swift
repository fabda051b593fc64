import Foundation

/// What `martlet quantize` made and measured.
struct QuantizeReport: Encodable {
    struct Images: Encodable {
        let calibration: Int
        let holdout: Int
        /// That could not be read.
        let skipped: Int
    }

    /// With the float32 network, on the images held out; of the features that the last layer reads.
    struct Agreement: Encodable {
        let top1: Double
        let meanCosine: Double
        let leastCosine: Double
    }

    struct Bytes: Encodable {
        let before: Int
        let after: Int
    }

    let model: String
    let output: String
    let method: String
    let images: Images
    /// None where no image was held out.
    let agreement: Agreement?
    /// The network's file.
    let bytes: Bytes
    let layers: Int
    /// Those that stay in float32, the most sensitive first.
    let wideLayers: [String]
    /// The mean cosine of features that decided about these.
    let target: Double
    let seconds: Double

    var text: String {
        let wide =
            wideLayers.isEmpty
            ? "all \(layers) layers with weights compute in 8 bits"
            : "\(layers - wideLayers.count) of \(layers) layers with weights compute in 8 bits; in float32 stay: "
                + wideLayers.joined(separator: ", ")
        let comparison = agreement.map { agreement in
            """
            On \(images.holdout) images held out, beside float32:
              same likeliest class   \(agreement.top1.percent)
              cosine of features     \(String(format: "%.5f, at least %.5f", agreement.meanCosine, agreement.leastCosine))

            """
        }
        return """
            '\(output)' is model '\(model)' in int8, calibrated on \(images.calibration) images (\(method)): \(wide).
            \(comparison ?? "No image was held out to compare with float32.\n")\
            \(String(format: "%.1f MB became %.1f MB; it took %.1f s.", megabytes(bytes.before), megabytes(bytes.after), seconds))

            Try it:
              martlet classify --model \(output.quotedForShell) photo.jpg
            """
    }

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    private func megabytes(_ bytes: Int) -> Double { Double(bytes) / 1e6 }
}
