/// Measures what it costs to share work between threads.
public enum ForkJoinBenchmark {
    /// The median time of a parallel section whose tasks do nothing, one for each thread, in microseconds: from the call until all
    /// threads are done. Sections follow one another as a network's layers do. 0 where there is one thread.
    public static func microseconds(pool: ComputePool, sections: Int = 20_000) -> Double {
        guard pool.threads > 1 else { return 0 }
        let clock = ContinuousClock()
        let times = (0..<max(1, sections)).map { _ in
            clock.measure { pool.parallelFor(pool.threads) { _, _ in } } / .microseconds(1)
        }
        return times.sorted()[times.count / 2]
    }
}
