import Foundation

/// What the metrics of a job and of a head's version say, as far as it is printed.
struct HeadMetrics: Decodable {
    struct Validation: Decodable {
        struct PerClass: Decodable {
            let precision: Double
            let recall: Double
            let f1: Double
            let images: Int
        }

        let method: String
        let folds: Int?
        let trainingImages: Int
        let images: Int
        let accuracy: Double
        let balancedAccuracy: Double
        let perClass: [String: PerClass]
        let confusion: [[Int]]
        let logLoss: Double
        let ece: Double
    }

    struct Seconds: Decodable {
        let embedding: Double
        let training: Double
    }

    let labels: [String]
    let images: Int
    let skippedImages: Int
    let validation: Validation
    let novelty: String?
    let seconds: Seconds

    /// `nil` where there are none, or others than a job writes: those of an imported head may say anything.
    init?(_ json: Data?) {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        guard let json, let metrics = try? decoder.decode(HeadMetrics.self, from: json) else { return nil }
        self = metrics
    }
}

extension Double {
    /// A part of one.
    var percent: String { String(format: "%.1f %%", 100 * self) }
}
