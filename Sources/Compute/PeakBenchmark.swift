import CKernels

/// Measures what one core can do at most, the yardstick for everything else.
public enum PeakBenchmark {
    /// The rate, in GFLOP/s, of float32 multiply-adds on registers alone (2 operations each) on the calling thread:
    /// the best of several runs that together take about `duration`.
    public static func multiplyAdds(kernels: KernelTable, duration: Duration = .milliseconds(50)) -> Double {
        let functions = kernels.functions
        let clock = ContinuousClock()
        let iterations = 100_000
        let operations = 2 * Double(iterations * functions.multiply_adds_per_iteration)
        let start = clock.now
        var best = 0.0
        repeat {
            let elapsed = clock.measure { _ = functions.multiply_adds(iterations, 0.5) }
            best = max(best, operations / (elapsed / .seconds(1)) / 1e9)
        } while clock.now - start < duration
        return best
    }
}
