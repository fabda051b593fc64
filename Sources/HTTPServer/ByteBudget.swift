import Synchronization

/// How many bytes of content all connections of a server may hold at once.
///
/// Bytes count when they arrive: announcing them costs a client nothing, and must not lock others out.
final class ByteBudget: Sendable {
    private let limit: Int
    private let taken = Atomic(0)

    init(limit: Int) {
        self.limit = limit
    }

    /// Takes `count` more bytes, to be given back once.
    ///
    /// - Throws: 503 where that would be over the limit; nothing is taken then.
    func take(_ count: Int) throws(ProtocolError) {
        guard count > 0 else { return }
        let before = taken.wrappingAdd(count, ordering: .relaxed).oldValue
        guard count <= limit - before else {
            giveBack(count)
            throw exhausted
        }
    }

    /// - Throws: 503 where `count` more bytes would be over the limit now.
    func checkRoom(for count: Int) throws(ProtocolError) {
        guard count <= limit - taken.load(ordering: .relaxed) else { throw exhausted }
    }

    func giveBack(_ count: Int) {
        guard count > 0 else { return }
        taken.wrappingSubtract(count, ordering: .relaxed)
    }

    private var exhausted: ProtocolError {
        ProtocolError(
            .serviceUnavailable, .buffersFull,
            "the requests now arriving already hold the \(limit) bytes they may; try again",
            retryAfter: 1)
    }
}
