import Foundation

/// Whether the process may have the threads that it needs: Dispatch would try for ever to start one, without a word.
enum ThreadLimit {
    /// Starts so many threads, for a moment.
    ///
    /// - Throws: ``CommandError`` where that is refused.
    static func check(_ wanted: Int) throws {
        let gate = DispatchSemaphore(value: 0)
        let context = Unmanaged.passUnretained(gate).toOpaque()
        var threads: [pthread_t] = []
        defer {
            for _ in threads { gate.signal() }
            withExtendedLifetime(gate) { for thread in threads { pthread_join(thread, nil) } }
        }
        while threads.count < wanted {
            var thread = pthread_t()
            let number = pthread_create(
                &thread, nil,
                { context in
                    context.map { Unmanaged<DispatchSemaphore>.fromOpaque($0).takeUnretainedValue().wait() }
                    return nil
                }, context)
            guard number == 0 else {
                throw CommandError(
                    "the process needs \(wanted) more threads, and may start \(threads.count) (ulimit -u, ulimit -v, a limit of the "
                        + "container): \(String(cString: strerror(number)))")
            }
            threads.append(thread)
        }
    }
}
