/// The content of a request, by its length or in chunks (RFC 9112 sections 6 and 7).
struct BodyDecoder {
    /// How the end of a body is told.
    enum Framing: Equatable {
        case length(Int)
        case chunked

        /// Whether there may be more than is read without a question.
        var isLarge: Bool {
            switch self {
            case .length(let length): length > Admission.maximumUnaskedBytes
            case .chunked: true
            }
        }
    }

    private enum State {
        case data(remaining: Int)
        case chunkLine
        case chunkData(remaining: Int)
        case chunkEnd
        case trailer
        case complete
    }

    private(set) var content: [UInt8] = []
    private var state: State
    private let maximumBytes: Int
    private var line: [UInt8] = []
    private var trailerBytes = 0
    private var extensionBytes = 0

    /// The most bytes of a chunk's size line.
    private static let maximumLine = 256
    /// The most bytes of all trailers together.
    private static let maximumTrailers = 8 << 10
    /// The most bytes of all chunk extensions together: one-byte chunks must not cost 256 bytes each.
    private static let maximumExtensions = 8 << 10

    /// - Throws: 413 where the length is over the limit.
    init(_ framing: Framing, maximumBytes: Int) throws(ProtocolError) {
        self.maximumBytes = maximumBytes
        switch framing {
        case .length(0): state = .complete
        case .length(let length):
            guard length <= maximumBytes else { throw Self.tooLarge(maximumBytes, found: "\(length)") }
            state = .data(remaining: length)
            // Not all at once: a header alone must not cost memory.
            content.reserveCapacity(min(length, 1 << 20))
        case .chunked: state = .chunkLine
        }
    }

    var isComplete: Bool {
        if case .complete = state { true } else { false }
    }

    /// Reads from `bytes`, from `start` on, and returns where it stopped: at their end or after the body.
    mutating func consume(_ bytes: [UInt8], from start: Int) throws(ProtocolError) -> Int {
        var index = start
        while index < bytes.count {
            switch state {
            case .complete: return index
            case .data(let remaining):
                let count = take(bytes, from: index, atMost: remaining)
                state = count == remaining ? .complete : .data(remaining: remaining - count)
                index += count
            case .chunkData(let remaining):
                let count = take(bytes, from: index, atMost: remaining)
                state = count == remaining ? .chunkEnd : .chunkData(remaining: remaining - count)
                index += count
            case .chunkLine, .chunkEnd, .trailer:
                try accept(bytes[index])
                index += 1
            }
        }
        return index
    }

    private mutating func take(_ bytes: [UInt8], from index: Int, atMost limit: Int) -> Int {
        let count = min(limit, bytes.count - index)
        content.append(contentsOf: bytes[index..<index + count])
        return count
    }

    /// One byte of a line; acts on the line when its CR LF is there.
    private mutating func accept(_ byte: UInt8) throws(ProtocolError) {
        line.append(byte)
        guard byte == .lineFeed else {
            guard line.count <= Self.maximumLine || isTrailer else {
                throw .badRequest(.malformedChunkSize, "a chunk's size line is longer than \(Self.maximumLine) bytes")
            }
            return try countTrailerByte()
        }
        guard line.count >= 2, line[line.count - 2] == .carriageReturn else {
            throw .badRequest(.bareLineFeed, "a line of the chunked body ends without a carriage return")
        }
        line.removeLast(2)
        defer { line.removeAll(keepingCapacity: true) }
        switch state {
        case .chunkLine:
            let chunk = try ChunkLine(line)
            extensionBytes += chunk.extensionLength
            guard extensionBytes <= Self.maximumExtensions else {
                throw .badRequest(
                    .chunkExtensionsTooLarge, "the chunk extensions take more than \(Self.maximumExtensions) bytes")
            }
            guard let size = chunk.size, size <= maximumBytes - content.count else {
                throw Self.tooLarge(maximumBytes, found: "more")
            }
            state = size == 0 ? .trailer : .chunkData(remaining: size)
        case .chunkEnd:
            guard line.isEmpty else { throw .badRequest(.malformedChunk, "a chunk is longer than its size says") }
            state = .chunkLine
        default:
            if line.isEmpty { state = .complete } else { _ = try RequestHead.field(line[...]) }
        }
    }

    private var isTrailer: Bool {
        if case .trailer = state { true } else { false }
    }

    /// Trailer fields are checked and dropped, within a limit.
    private mutating func countTrailerByte() throws(ProtocolError) {
        guard isTrailer else {
            if case .chunkEnd = state, line.count > 2 {
                throw .badRequest(.malformedChunk, "a chunk is longer than its size says")
            }
            return
        }
        trailerBytes += 1
        guard trailerBytes <= Self.maximumTrailers else {
            throw ProtocolError(
                .requestHeaderFieldsTooLarge, .trailersTooLarge,
                "the trailers take more than \(Self.maximumTrailers) bytes")
        }
    }

    private static func tooLarge(_ limit: Int, found: String) -> ProtocolError {
        ProtocolError(.contentTooLarge, .bodyTooLarge, "the body may have at most \(limit) bytes, found \(found)")
    }
}
