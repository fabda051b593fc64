import Glibc

/// Time in nanoseconds since some moment that does not change.
enum Monotonic {
    static func now() -> Int { read(CLOCK_MONOTONIC) }

    /// When `seconds` are that long.
    static func nanoseconds(_ seconds: Double) -> Int { Int(seconds * 1e9) }

    /// When a run that is prepared now may begin: all threads have started and connected by then.
    static func afterConnecting() -> Int { now() + nanoseconds(0.5) }

    /// Returns at `time`, at once where it is past.
    static func sleep(until time: Int) {
        var wake = timespec(tv_sec: time / 1_000_000_000, tv_nsec: time % 1_000_000_000)
        while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &wake, nil) == EINTR {}
    }

    /// User and system time of this process.
    static func processCPUSeconds() -> Double { rounded(Double(read(CLOCK_PROCESS_CPUTIME_ID)) / 1e9) }

    private static func read(_ clock: clockid_t) -> Int {
        var time = timespec()
        clock_gettime(clock, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
