/// A response's stream, from its head to its last chunk.
struct StreamedContent {
    private let isChunked: Bool
    /// Waits until its chunk has been handed to the kernel.
    private var sender: CheckedContinuation<Bool, Never>?
    /// The chunk under way is the last.
    var isEnding = false
    private var sent = 0
    private var taken = 0
    private var lastTaken: ContinuousClock.Instant

    /// - Parameter isChunked: whether the client is told where the content ends (RFC 9112 section 7.1); else the
    ///   connection's end says so.
    init(isChunked: Bool, at now: ContinuousClock.Instant) {
        self.isChunked = isChunked
        lastTaken = now
    }

    mutating func chunk(_ bytes: consuming [UInt8], _ sender: CheckedContinuation<Bool, Never>) -> Transmission {
        self.sender = sender
        guard isChunked else { return Transmission([], bytes) }
        let head = Array("\(String(bytes.count, radix: 16))\r\n".utf8)
        bytes.append(contentsOf: "\r\n".utf8)
        return Transmission(head, bytes)
    }

    /// What follows the last chunk.
    var end: Transmission { Transmission(isChunked ? Array("0\r\n\r\n".utf8) : [], []) }

    /// The kernel has `count` bytes more.
    mutating func passedOn(_ count: Int) { sent += count }

    /// Has the stream go on, or end where nothing more `isWanted`.
    mutating func resume(isWanted: Bool) {
        sender?.resume(returning: isWanted)
        sender = nil
    }

    /// Until when to wait while there is nothing to send. A stream may be silent; a client that has not taken what it was
    /// sent before may not.
    mutating func deadline(
        on socket: ConnectionSocket, at now: ContinuousClock.Instant, _ limits: HTTPServerConfiguration
    ) -> ContinuousClock.Instant {
        let untaken = socket.untakenBytes
        if untaken == 0 || sent - untaken > taken { lastTaken = now }
        taken = sent - untaken
        return lastTaken + limits.writeTimeout
    }
}
