import Glibc
import Synchronization

/// Threads that run the same body, each of which gives a result.
///
/// POSIX threads and not tasks, because the body blocks.
final class ThreadGroup<Result: Sendable>: Sendable {
    /// A thousand threads shall not need a gigabyte of stacks.
    private static var stackBytes: Int { 256 << 10 }

    private let results: Mutex<[Result?]>
    private let threads: Mutex<[pthread_t]>

    /// Starts the threads. Where a body throws, the whole process ends with 1: what the others measure is void.
    ///
    /// - Parameter body: gets the number of its thread, from 0.
    init(_ count: Int, body: @escaping @Sendable (_ worker: Int) throws -> Result) throws(LoadError) {
        results = Mutex(Array(repeating: nil, count: count))
        threads = Mutex([])
        for worker in 0..<count {
            let thread = try Self.start(
                Work { [self] in
                    do {
                        let result = try body(worker)
                        results.withLock { $0[worker] = result }
                    } catch {
                        printError("Error: \(error)")
                        exit(1)
                    }
                })
            threads.withLock { $0.append(thread) }
        }
    }

    /// Waits for all threads; the results in the order of their numbers.
    func join() -> [Result] {
        threads.withLock { threads in
            for thread in threads { pthread_join(thread, nil) }
            threads = []
        }
        return results.withLock { $0.compactMap(\.self) }
    }

    private static func start(_ work: Work) throws(LoadError) -> pthread_t {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setstacksize(&attributes, stackBytes)
        defer { pthread_attr_destroy(&attributes) }
        var thread = pthread_t()
        let code = pthread_create(
            &thread, &attributes,
            { argument in
                if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, Unmanaged.passRetained(work).toOpaque())
        guard code == 0 else { throw LoadError("no further thread: \(String(cString: strerror(code)))") }
        return thread
    }
}

/// A closure as the object that a C function's argument can point to.
private final class Work: Sendable {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}
