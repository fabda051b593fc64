import HTTPServer
import Synchronization

/// Streams that count what becomes of them.
final class CountedStreams: Sendable {
    // Atomics, because ThreadSanitizer does not see through a Mutex of two threads.
    private let asked = Atomic(0)
    private let cancelled = Atomic(0)

    /// How many chunks were asked for, the ends of streams included.
    var chunksAsked: Int { asked.load(ordering: .sequentiallyConsistent) }
    /// How many streams were cancelled while they waited.
    var cancellations: Int { cancelled.load(ordering: .sequentiallyConsistent) }

    /// One chunk a word, each after a pause.
    func words(_ words: [String], pause: Duration = .zero) -> ResponseStream {
        let next = Atomic(0)
        let chunks = words.map { Array($0.utf8) }
        return ResponseStream { [self] in
            asked.wrappingAdd(1, ordering: .sequentiallyConsistent)
            if pause > .zero, (try? await Task.sleep(for: pause)) == nil {
                cancelled.wrappingAdd(1, ordering: .sequentiallyConsistent)
                return nil
            }
            let index = next.wrappingAdd(1, ordering: .sequentiallyConsistent).oldValue
            return index < chunks.count ? chunks[index] : nil
        }
    }

    /// Says nothing for longer than any test takes.
    func silence() -> ResponseStream { words([], pause: .seconds(600)) }

    /// Zeros without an end.
    func zeros(_ count: Int) -> ResponseStream {
        ResponseStream { [self] in
            asked.wrappingAdd(1, ordering: .sequentiallyConsistent)
            return [UInt8](repeating: 0, count: count)
        }
    }
}
