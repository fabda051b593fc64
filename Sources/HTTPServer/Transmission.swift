/// Bytes on their way to a client.
struct Transmission {
    /// What became of an attempt to send the rest.
    enum Progress {
        /// The kernel has all.
        case done
        /// The client must take some first, or it is the turn of other connections.
        case blocked
        case broken
    }

    /// A client that takes it as fast as it comes would else have its loop for as long as a large answer lasts.
    private static let maximumBytesPerTurn = 1 << 20

    private let head: [UInt8]
    private let body: [UInt8]
    private(set) var sent = 0
    /// From the first look at the client on, and what it had not taken then.
    private var pace: (rate: MinimumRate, untaken: Int)?

    init(_ head: [UInt8], _ body: [UInt8]) {
        (self.head, self.body) = (head, body)
    }

    var count: Int { head.count + body.count }

    mutating func proceed(on socket: ConnectionSocket) -> Progress {
        let start = sent
        while sent < count {
            guard sent - start < Self.maximumBytesPerTurn else { return .blocked }
            guard let more = socket.send(head, body, from: sent) else { return .broken }
            guard more > 0 else { return .blocked }
            sent += more
        }
        return .done
    }

    /// Until when to wait for the client, which takes something at `now` or not. What the kernel has buffered, which can be
    /// megabytes, it has not taken.
    mutating func deadline(
        on socket: ConnectionSocket, at now: ContinuousClock.Instant, _ limits: HTTPServerConfiguration
    ) -> ContinuousClock.Instant {
        let untaken = socket.untakenBytes - sent
        var pace =
            self.pace
            ?? (rate: MinimumRate(limits.minimumWriteRate, timeout: limits.writeTimeout, from: now), untaken: untaken)
        defer { self.pace = pace }
        return pace.rate.deadline(afterMoving: pace.untaken - untaken, at: now)
    }
}
