import HTTPTypes

/// HTTP/1.1 requests out of a stream of bytes, however it is cut (RFC 9112). Knows no sockets.
package struct RequestParser {
    /// What the bytes so far amount to.
    package enum Step: Equatable {
        /// More bytes are needed.
        case incomplete
        /// The head is complete, and content follows it. Comes once for a request, before any of the content is read:
        /// always where that is large, else where the client waits.
        ///
        /// - Parameters:
        ///   - isLarge: whether there may be more than is read without a question.
        ///   - awaitsLeave: whether the client waits for leave to send the content (`Expect: 100-continue`).
        case content(HTTPRequest, isLarge: Bool, awaitsLeave: Bool)
        case request(ParsedRequest)
    }

    private enum State {
        case head
        case body(RequestHead, BodyDecoder)
    }

    /// What is being waited for.
    enum Stage {
        /// The first byte of a request.
        case idle
        case head
        case body
    }

    /// More empty lines than this before a request line are not a client's slip.
    private static let maximumEmptyLines = 8

    private let limits: HTTPServerConfiguration
    private let isSecure: Bool
    private var buffer: [UInt8] = []
    /// Where the unread bytes begin.
    private var start = 0
    /// Up to where the buffer is known to hold no end of a head, so that slow senders cost linear time.
    private var searched = 0
    private var emptyLines = 0
    private var state = State.head
    /// Whether the current request, or the last one where none has begun, is a HEAD: its refusal, too, has no content
    /// (RFC 9110 section 9.3.2).
    private(set) var isHeadRequest = false

    /// - Parameter isSecure: whether the bytes came encrypted.
    package init(limits: HTTPServerConfiguration, isSecure: Bool = false) {
        self.limits = limits
        self.isSecure = isSecure
    }

    var stage: Stage {
        if case .body = state { .body } else { start < buffer.count ? .head : .idle }
    }

    /// Bytes that have arrived and were not asked for yet.
    package var bufferedBytes: Int { buffer.count - start }

    /// How much of the current request's content has arrived.
    var contentBytes: Int {
        if case .body(_, let body) = state { body.content.count } else { 0 }
    }

    /// How much content the current request says it has; 0 where it does not say.
    var announcedBytes: Int {
        if case .body(let head, _) = state, case .length(let length) = head.framing { length } else { 0 }
    }

    /// Whether the current request may have more content than is read without a question.
    var isLarge: Bool {
        if case .body(let head, _) = state { head.framing.isLarge } else { false }
    }

    package mutating func append(_ bytes: some Collection<UInt8>) {
        buffer.append(contentsOf: bytes)
    }

    /// Lets go of all that has arrived; nothing can be read after it.
    mutating func discard() {
        (buffer, start, searched) = ([], 0, 0)
        state = .head
    }

    /// The next request, if its bytes are all there.
    ///
    /// - Parameter heads: of this and other connections with the same limits.
    /// - Throws: ``ProtocolError``; the stream cannot be understood from there on.
    package mutating func next(_ heads: inout RecentHeads) throws(ProtocolError) -> Step {
        if case .head = state {
            guard let head = try takeHead(&heads) else { return .incomplete }
            let body = try BodyDecoder(head.framing, maximumBytes: limits.maximumBodyBytes)
            state = .body(head, body)
            let awaitsLeave = head.expectsContinue && start == buffer.count && !body.isComplete
            if head.framing.isLarge || awaitsLeave {
                return .content(head.request, isLarge: head.framing.isLarge, awaitsLeave: awaitsLeave)
            }
        }
        guard case .body(let head, var body) = state else { return .incomplete }
        state = .head  // the decoder has one owner, so that its bytes are not copied
        start = try body.consume(buffer, from: start)
        compact()
        guard body.isComplete else {
            state = .body(head, body)
            return .incomplete
        }
        // An idle connection holds next to no memory.
        if buffer.isEmpty, buffer.capacity > 1 << 12 { buffer = [] }
        return .request(
            ParsedRequest(
                head: head.request, version: head.version, keepsAlive: head.keepsAlive,
                choosesContent: head.choosesContent, body: body.content))
    }

    private mutating func takeHead(_ heads: inout RecentHeads) throws(ProtocolError) -> RequestHead? {
        try skipEmptyLines()
        isHeadRequest = buffer[start...].starts(with: "HEAD ".utf8)
        // TLS on a plain port has no line feed to wait for: it is refused by its first byte.
        if start < buffer.count, !buffer[start].isTokenByte, buffer[start] != .carriageReturn {
            throw .badRequest(.notARequest, "expected a method at the start of the request line")
        }
        guard let end = try findEndOfHead() else { return nil }
        let head = try readHead(buffer[start..<end], &heads)
        start = end
        searched = end
        emptyLines = 0
        return head
    }

    private func readHead(_ bytes: ArraySlice<UInt8>, _ heads: inout RecentHeads) throws(ProtocolError) -> RequestHead {
        if let head = heads.head(of: bytes, isSecure: isSecure) { return head }
        let head = try RequestHead(bytes, maximumFieldCount: limits.maximumFieldCount, isSecure: isSecure)
        heads.remember(head, of: bytes, isSecure: isSecure)
        return head
    }

    /// RFC 9112 section 2.2: an empty line before a request line is ignored.
    private mutating func skipEmptyLines() throws(ProtocolError) {
        while start + 1 < buffer.count, buffer[start] == .carriageReturn, buffer[start + 1] == .lineFeed {
            start += 2
            emptyLines += 1
            guard emptyLines <= Self.maximumEmptyLines else {
                throw .badRequest(
                    .emptyLines, "there are more than \(Self.maximumEmptyLines) empty lines before the request line")
            }
        }
        searched = max(searched, start)
        compact()
    }

    /// The index after the empty line. A lone line feed is refused as soon as it is seen, which RFC 9112 section 2.2
    /// allows: a client that sends only those would wait for the time-out.
    private mutating func findEndOfHead() throws(ProtocolError) -> Int? {
        let limit = start + limits.maximumHeadBytes
        var index = max(start, searched)
        while index < min(buffer.count, limit) {
            if buffer[index] == .lineFeed {
                guard index > start, buffer[index - 1] == .carriageReturn else {
                    throw .badRequest(.bareLineFeed, "a line ends without a carriage return")
                }
                if index - start >= 3, buffer[index - 2] == .lineFeed { return index + 1 }
            }
            index += 1
        }
        searched = index
        guard buffer.count > limit else { return nil }
        guard buffer[start..<limit].contains(.lineFeed) else {
            throw ProtocolError(
                .uriTooLong, .requestLineTooLong, "the request line is longer than \(limits.maximumHeadBytes) bytes")
        }
        throw ProtocolError(
            .requestHeaderFieldsTooLarge, .headTooLarge,
            "the header fields take more than \(limits.maximumHeadBytes) bytes")
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
package struct ParsedRequest: Equatable {
    package let head: HTTPRequest
    let version: RequestLine.Version
    /// Whether the client wants to send more on this connection.
    package let keepsAlive: Bool
    /// Whether it asks for a coding or a part of the content, or puts conditions.
    let choosesContent: Bool
    package let body: [UInt8]
}
