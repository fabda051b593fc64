/// A keep-alive connection that asks and reads the answer; it connects again where the server closes.
struct Client {
    enum Outcome {
        case answer(Answer)
        case lost(ConnectionLoss)
    }

    struct Answer {
        let status: Int
        let retryAfter: Int?
        /// The content in ``Client/buffer``, until the next request.
        let content: Range<Int>
    }

    /// What was received last; grows to the largest answer and is used again.
    private(set) var buffer = [UInt8](repeating: 0, count: 32 << 10)
    /// Requests sent a second time, because the server closed an idle connection just as the first was sent.
    private(set) var resent = 0

    private let target: Target
    private var socket: Socket?

    init(target: Target) { self.target = target }

    /// Connects ahead of the first request; a failure shows with that.
    mutating func connect() { socket = try? Socket(connectingTo: target.address) }

    /// Sends a request and waits for the whole answer.
    ///
    /// - Throws: where the answer is not HTTP/1.1 with a Content-Length that is its content's.
    mutating func exchange(_ request: ImageRequest, tail: UniqueTail) throws(LoadError) -> Outcome {
        let isReused = socket != nil
        let outcome = try attempt(request, tail)
        // A server may close an idle connection at any time (RFC 9112, section 9.5).
        if isReused, case .lost(.closedBeforeAnswer) = outcome {
            resent += 1
            return try attempt(request, tail)
        }
        return outcome
    }

    private mutating func attempt(_ request: ImageRequest, _ tail: UniqueTail) throws(LoadError) -> Outcome {
        let socket: Socket
        do throws(ConnectionLoss) {
            if let open = self.socket {
                socket = open
            } else {
                socket = try Socket(connectingTo: target.address)
            }
        } catch {
            // A server that is down would otherwise be asked as fast as the processor can.
            Monotonic.sleep(until: Monotonic.now() + Monotonic.nanoseconds(0.01))
            return .lost(error)
        }
        self.socket = socket
        // A server that refuses may close before it has read everything; its answer may have come all the same.
        let isSent = socket.send(request.head, request.image, tail.bytes)
        let (outcome, closes) = try receive(on: socket)
        if closes || !isSent { self.socket = nil }
        return outcome
    }

    /// Reads one answer; `closes` where the connection cannot be used again.
    private mutating func receive(on socket: Socket) throws(LoadError) -> (Outcome, closes: Bool) {
        var filled = 0
        var head: ResponseHead?
        while true {
            switch socket.receive(into: &buffer, from: filled) {
            case .bytes(let count): filled += count
            case .closed: return (.lost(filled == 0 ? .closedBeforeAnswer : .closedWithinAnswer), true)
            case .silent: return (.lost(.silent), true)
            }
            if head == nil { head = try ResponseHead(buffer[..<filled]) }
            guard let head else {
                guard filled < buffer.count else { throw LoadError("expected a head of less than \(filled) bytes") }
                continue
            }
            let length = head.length + head.contentLength
            if buffer.count < length { buffer += [UInt8](repeating: 0, count: length - buffer.count) }
            if filled < length { continue }
            guard filled == length else {
                throw LoadError("expected \(head.contentLength) bytes of content, found \(filled - length) more")
            }
            let answer = Answer(status: head.status, retryAfter: head.retryAfter, content: head.length..<length)
            return (.answer(answer), head.closes)
        }
    }
}
