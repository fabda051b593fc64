import Foundation
import Synchronization

/// SIGTERM and SIGINT, which ask the process to stop, and SIGHUP, by which it reads its files again, from the start on: their
/// default action would end a server that only has to read its files again, and there is none where the process is its
/// container's first: it would never learn that it is to stop. ``ProcessSignals`` tells of them.
///
/// The second signal to stop ends the process in the handler itself, whatever its threads are at. What comes within a tenth of a
/// second of the first is taken for the same: timeout(1), and shells that pass signals on, send each twice.
struct CaughtSignals {
    /// Where the handler writes the number of a signal.
    private static let pipe = Atomic<Int32>(-1)
    /// When the first signal to stop came, in milliseconds of the monotonic clock; 0 where none has.
    private static let stop = Atomic(0)
    private static let sameSignal = 100

    /// Where the numbers of signals are read, a byte each; does not block.
    let descriptor: Int32
    /// What the signals did before.
    private let previous: [(Int32, __sighandler_t?)]

    /// Catches the signals for the rest of the process, or until they are released.
    ///
    /// - Throws: ``CommandError`` where there is no descriptor for it.
    init(_ numbers: [Int32] = [SIGTERM, SIGINT, SIGHUP]) throws {
        // What is printed must not come to be read as signals where the process was started without these. To write there
        // stays an error.
        for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) < 0 {
            _ = open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY)
        }
        var ends: [Int32] = [-1, -1]
        guard Foundation.pipe(&ends) == 0 else {
            throw CommandError("cannot wait for signals: \(String(cString: strerror(errno)))")
        }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        descriptor = ends[0]
        // Made here, for a handler could come while another thread makes them.
        Self.stop.store(0, ordering: .relaxed)
        Self.pipe.store(ends[1], ordering: .relaxed)
        previous = numbers.map { ($0, signal($0) { CaughtSignals.note($0) }) }
    }

    /// In the handler, which may do next to nothing: signal-safety(7).
    private static func note(_ number: Int32) {
        let before = errno
        if number != SIGHUP {
            var time = timespec()
            clock_gettime(CLOCK_MONOTONIC, &time)
            let now = time.tv_sec * 1000 + time.tv_nsec / 1_000_000
            let (isFirst, first) = stop.compareExchange(expected: 0, desired: now, ordering: .relaxed)
            if !isFirst, now - first > sameSignal { _exit(128 + number) }
        }
        var byte = UInt8(truncatingIfNeeded: number)
        _ = write(pipe.load(ordering: .relaxed), &byte, 1)
        errno = before
    }

    /// Has them do what they did before, also those that have come.
    func release() {
        for (number, action) in previous { signal(number, action) }
        while let number = next() { raise(number) }
        close(Self.pipe.exchange(-1, ordering: .relaxed))
        close(descriptor)
    }

    /// The signal that came first of those not taken yet.
    func next() -> Int32? {
        var byte: UInt8 = 0
        return read(descriptor, &byte, 1) == 1 ? Int32(byte) : nil
    }
}
