/// Reads `multipart/form-data` bodies (RFC 7578, with the syntax of RFC 2046 §5.1) that are in memory, in time linear
/// in their length. Preamble and epilogue are skipped; nested multiparts are plain content.
struct MultipartParser: Sendable {
    /// Parts that a form may have unless another limit is given, files and other fields together.
    static let defaultPartLimit = 256
    /// Bytes of one part's header.
    static let headerLimit = 8 * 1024

    private let partLimit: Int
    /// CR LF `--` and the boundary: what ends a part's content (RFC 2046 §5.1.1, `delimiter`).
    private let delimiter: [UInt8]

    init(contentType: ParameterizedValue, partLimit: Int = defaultPartLimit) throws(MultipartError) {
        guard let boundary = contentType["boundary"] else { throw .missingBoundary }
        try self.init(boundary: boundary, partLimit: partLimit)
    }

    init(boundary: String, partLimit: Int = defaultPartLimit) throws(MultipartError) {
        let bytes = Array(boundary.utf8)
        guard (1...70).contains(bytes.count), bytes.last != 0x20, bytes.allSatisfy(Self.isBoundaryCharacter) else {
            throw .invalidBoundary
        }
        delimiter = Array("\r\n--".utf8) + bytes
        self.partLimit = partLimit
    }

    /// The parts in the order of the body.
    func parts(of body: [UInt8]) throws(MultipartError) -> [MultipartPart] {
        guard var current = firstDelimiter(in: body) else { throw .noBoundaryFound }
        var parts: [MultipartPart] = []
        while !current.isFinal {
            guard parts.count < partLimit else { throw .tooManyParts(limit: partLimit) }
            let (header, start) = try MultipartHeader.read(
                body, from: current.end, limit: Self.headerLimit, part: parts.count)
            guard let next = nextDelimiter(in: body.span, from: start) else { throw .missingFinalBoundary }
            parts.append(try MultipartPart(header: header, content: body[start..<next.start], index: parts.count))
            current = next
        }
        return parts
    }

    private struct Delimiter {
        /// Where the content before it ends.
        let start: Int
        /// Where what follows its line begins.
        let end: Int
        let isFinal: Bool
    }

    /// The first delimiter needs no line break before it where it begins the body.
    private func firstDelimiter(in body: [UInt8]) -> Delimiter? {
        if body.starts(with: delimiter.dropFirst(2)),
            let found = delimiterLine(in: body.span, start: 0, boundaryEnd: delimiter.count - 2)
        {
            return found
        }
        return nextDelimiter(in: body.span, from: 0)
    }

    private func nextDelimiter(in body: Span<UInt8>, from start: Int) -> Delimiter? {
        let delimiter = delimiter.span
        var position = start
        while position <= body.count - delimiter.count {
            guard body[position] == 0x0D else {
                position += 1
                continue
            }
            var matched = 1
            while matched < delimiter.count, body[position + matched] == delimiter[matched] { matched += 1 }
            if matched == delimiter.count,
                let found = delimiterLine(in: body, start: position, boundaryEnd: position + matched)
            {
                return found
            }
            // A delimiter has one CR, its first byte: no match can begin within what just matched.
            position += matched
        }
        return nil
    }

    /// The rest of a delimiter's line: `--`, or blanks and CRLF. Anything else, and it is a line of content that
    /// begins as the delimiter does.
    private func delimiterLine(in body: Span<UInt8>, start: Int, boundaryEnd: Int) -> Delimiter? {
        var position = boundaryEnd
        if position + 1 < body.count, body[position] == UInt8(ascii: "-"), body[position + 1] == UInt8(ascii: "-") {
            return Delimiter(start: start, end: position + 2, isFinal: true)
        }
        while position < body.count, body[position].isBlank { position += 1 }
        guard position + 1 < body.count, body[position] == 0x0D, body[position + 1] == 0x0A else { return nil }
        return Delimiter(start: start, end: position + 2, isFinal: false)
    }

    /// `bchars` of RFC 2046 §5.1.1.
    private static func isBoundaryCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: "'()+_,-./:=? ".utf8.contains(byte)
        }
    }
}
