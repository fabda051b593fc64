import HTTPTypes

/// HTTP/1.1 requests out of a stream of bytes, however it is cut (RFC 9112). Knows no sockets.
struct RequestParser {
    /// What the bytes so far amount to.
    enum Step: Equatable {
        /// More bytes are needed.
        case incomplete
        /// The head is complete, and the client waits for leave to send the body (`Expect: 100-continue`).
        case expectsContinue
        case request(ParsedRequest)
    }

    private enum State {
        case head
        case body(RequestHead, BodyDecoder)
    }

    private let limits: HTTPServerConfiguration
    private var buffer: [UInt8] = []
    /// Where the unread bytes begin.
    private var start = 0
    /// Up to where the buffer is known to hold no end of a head, so that slow senders cost linear time.
    private var searched = 0
    private var state = State.head

    init(limits: HTTPServerConfiguration) {
        self.limits = limits
    }

    /// Whether a request has begun.
    var isInsideRequest: Bool {
        if case .body = state { true } else { start < buffer.count }
    }

    /// Whether the header fields have arrived.
    var isInsideBody: Bool {
        if case .body = state { true } else { false }
    }

    /// Bytes that have arrived and were not asked for yet.
    var bufferedBytes: Int { buffer.count - start }

    mutating func append(_ bytes: some Collection<UInt8>) {
        buffer.append(contentsOf: bytes)
    }

    /// The next request, if its bytes are all there.
    ///
    /// - Throws: ``ProtocolError``; the stream cannot be understood from there on.
    mutating func next() throws(ProtocolError) -> Step {
        if case .head = state {
            guard let head = try takeHead() else { return .incomplete }
            let body = try BodyDecoder(head.framing, maximumBytes: limits.maximumBodyBytes)
            state = .body(head, body)
            if head.expectsContinue, !body.isComplete, start == buffer.count { return .expectsContinue }
        }
        guard case .body(let head, var body) = state else { return .incomplete }
        state = .head  // the decoder has one owner, so that its bytes are not copied
        start = try body.consume(buffer, from: start)
        compact()
        guard body.isComplete else {
            state = .body(head, body)
            return .incomplete
        }
        return .request(ParsedRequest(head: head.request, keepsAlive: head.keepsAlive, body: body.content))
    }

    private mutating func takeHead() throws(ProtocolError) -> RequestHead? {
        skipEmptyLines()
        guard let end = findEndOfHead() else {
            try checkHeadSize(buffer.count - start)
            return nil
        }
        try checkHeadSize(end - start)
        let head = try RequestHead(buffer[start..<end], maximumFieldCount: limits.maximumFieldCount)
        start = end
        searched = end
        return head
    }

    /// RFC 9112 section 2.2: empty lines before a request line are ignored.
    private mutating func skipEmptyLines() {
        while start + 1 < buffer.count, buffer[start] == .carriageReturn, buffer[start + 1] == .lineFeed { start += 2 }
        searched = max(searched, start)
    }

    /// The index after the empty line; a lone line feed ends nothing (RFC 9112 section 2.2 lets a server refuse it).
    private mutating func findEndOfHead() -> Int? {
        var index = max(start + 3, searched)
        while index < buffer.count {
            if buffer[index] == .lineFeed, buffer[index - 1] == .carriageReturn, buffer[index - 2] == .lineFeed,
                buffer[index - 3] == .carriageReturn
            {
                return index + 1
            }
            index += 1
        }
        searched = max(searched, buffer.count)
        return nil
    }

    private func checkHeadSize(_ count: Int) throws(ProtocolError) {
        guard count > limits.maximumHeadBytes else { return }
        let limit = limits.maximumHeadBytes
        guard buffer[start..<(start + limit)].contains(.lineFeed) else {
            throw ProtocolError(.uriTooLong, "the request line is longer than \(limit) bytes")
        }
        throw ProtocolError(.requestHeaderFieldsTooLarge, "the header fields take more than \(limit) bytes")
    }

    /// Gives back the memory of what has been read.
    private mutating func compact() {
        guard start == buffer.count || start > 1 << 16 else { return }
        buffer.removeSubrange(..<start)
        if buffer.isEmpty, buffer.capacity > 1 << 17 { buffer = [] }
        searched = max(0, searched - start)
        start = 0
    }
}

/// A request as the parser leaves it.
struct ParsedRequest: Equatable {
    let head: HTTPRequest
    /// Whether the client wants to send more on this connection.
    let keepsAlive: Bool
    let body: [UInt8]
}

extension UInt8 {
    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
}
