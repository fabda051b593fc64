import Compute
import Foundation
import Learning

/// Fits a head to samples in files and prints seconds, seconds of taking the samples over, iterations, whether it converged and
/// the processor time of all threads: the other side of `Benchmarks/fit/compare`.
@main
struct Fit {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 7, let features = Int(arguments[3]), let classes = Int(arguments[4]),
            let l2 = Double(arguments[5])
        else {
            print("usage: fit FEATURES.float32 LABELS.int32 FEATURE-COUNT CLASSES L2 WEIGHTS.float32")
            exit(2)
        }
        let values: [Float] = try numbers(arguments[1])
        let labels: [Int32] = try numbers(arguments[2])
        let pool = ComputePool.shared
        let (start, processorStart) = (ContinuousClock.now, clock())
        let matrix = try FeatureMatrix(values, count: labels.count, features: features, pool: pool)
        let samples = try LabelledFeatures(
            features: matrix, labels: labels.map(Int.init), classes: (0..<classes).map(String.init))
        let packed = ContinuousClock.now
        let (head, report) = try LogisticRegression(l2: l2).fit(samples, pool: pool)
        let (end, processorEnd) = (ContinuousClock.now, clock())
        let weights = head.weights + head.biases
        try weights.withUnsafeBytes { try Data($0).write(to: URL(filePath: arguments[6])) }
        print(
            (end - start) / .seconds(1), (packed - start) / .seconds(1), report.losses.count - 1, report.converged,
            Double(processorEnd - processorStart) / Double(CLOCKS_PER_SEC))
    }

    private static func numbers<Number: BitwiseCopyable>(_ path: String) throws -> [Number] {
        let data = try Data(contentsOf: URL(filePath: path))
        return data.withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count, by: MemoryLayout<Number>.stride).map {
                bytes.loadUnaligned(fromByteOffset: $0, as: Number.self)
            }
        }
    }
}
