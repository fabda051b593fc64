/// The distribution of durations, in milliseconds, by nearest rank.
struct Latencies: Encodable {
    let count: Int
    let p50: Double
    let p90: Double
    let p99: Double
    let max: Double

    /// - Returns: nil for no durations.
    init?(_ nanoseconds: [Int]) {
        let sorted = nanoseconds.sorted()
        guard let last = sorted.last else { return nil }
        func percentile(_ part: Double) -> Double {
            let rank = Int((part * Double(sorted.count)).rounded(.up))
            return rounded(Double(sorted[Swift.max(rank, 1) - 1]) / 1e6)
        }
        count = sorted.count
        p50 = percentile(0.5)
        p90 = percentile(0.9)
        p99 = percentile(0.99)
        max = rounded(Double(last) / 1e6)
    }

    static func text(_ latencies: Latencies?) -> String {
        guard let latencies else { return "none measured" }
        return "p50 \(latencies.p50) p90 \(latencies.p90) p99 \(latencies.p99) max \(latencies.max) ms"
    }
}
