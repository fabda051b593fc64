#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A thread of the operating system that runs one closure.
///
/// Sendable: an identifier that only ``join()`` uses.
struct WorkerThread: @unchecked Sendable {
    private let thread: pthread_t

    /// `nil` where the system has no thread to give.
    init?(_ body: @escaping @Sendable () -> Void) {
        final class Start {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        let start = Unmanaged.passRetained(Start(body))
        #if canImport(Darwin)
            var thread: pthread_t?
        #else
            var thread = pthread_t()
        #endif
        let failure = pthread_create(
            &thread, nil,
            { argument in
                #if canImport(Darwin)
                    Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().body()
                #else
                    if let argument { Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().body() }
                #endif
                return nil
            }, start.toOpaque())
        guard failure == 0 else {
            start.release()
            return nil
        }
        #if canImport(Darwin)
            guard let thread else { return nil }
        #endif
        self.thread = thread
    }

    func join() { pthread_join(thread, nil) }
}

/// Which team's section the calling thread is working on, so that a nested one is noticed and does not deadlock.
enum CurrentTeam {
    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key, nil)
        return key
    }()

    static var address: UnsafeMutableRawPointer? {
        get { pthread_getspecific(key) }
        set { pthread_setspecific(key, newValue) }
    }
}
