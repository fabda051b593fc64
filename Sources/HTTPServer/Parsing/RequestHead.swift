import HTTPTypes

/// A request line and its header fields, checked as RFC 9112 and RFC 9110 ask a server to.
struct RequestHead {
    let request: HTTPRequest
    let framing: BodyDecoder.Framing
    let version: RequestLine.Version
    let keepsAlive: Bool
    let expectsContinue: Bool
    /// Whether it asks for a coding or a part of the content, or puts conditions (RFC 9110 sections 12 to 14).
    let choosesContent: Bool

    /// - Parameter bytes: from the request line to the empty line, both included.
    init(_ bytes: ArraySlice<UInt8>, maximumFieldCount: Int, isSecure: Bool) throws(ProtocolError) {
        var lines = HeadLines(bytes)
        let line = try RequestLine(try lines.next(), isSecure: isSecure)
        var fields = HTTPFields()
        var summary = FieldSummary()
        while true {
            let field = try lines.next()
            if field.isEmpty { break }
            guard fields.count < maximumFieldCount else {
                throw ProtocolError(
                    .requestHeaderFieldsTooLarge, .tooManyFields,
                    "there are more than \(maximumFieldCount) header fields")
            }
            let (name, value) = try Self.field(field)
            try summary.note(name, value)
            fields.append(HTTPField(name: name, value: value))
        }
        let authority = try line.authority(host: summary.hosts)
        version = line.version
        framing = try summary.framing(version: line.version)
        try summary.checkContentCoding()
        keepsAlive = summary.keepsAlive(version: line.version)
        expectsContinue = try summary.expectsContinue(version: line.version)
        choosesContent = summary.choosesContent
        request = HTTPRequest(
            method: line.method, scheme: isSecure ? "https" : "http", authority: authority, path: line.target.path,
            headerFields: fields)
    }

    /// RFC 9112 section 5: `field-name ":" OWS field-value OWS`, no space before the colon, no folded lines.
    static func field(_ line: ArraySlice<UInt8>) throws(ProtocolError) -> (HTTPField.Name, String) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else {
            throw .badRequest(.malformedField, "a header line has no colon")
        }
        guard line[..<colon].allSatisfy(\.isTokenByte),
            let name = HTTPField.Name(String(decoding: line[..<colon], as: UTF8.self))
        else {
            throw .badRequest(.malformedField, "a header line does not begin with a field name and a colon")
        }
        var value = line[(colon + 1)...]
        value = value.drop(while: \.isBlank)
        if let last = value.lastIndex(where: { !$0.isBlank }) { value = value[...last] }
        guard value.allSatisfy(\.isFieldByte) else {
            throw .badRequest(.malformedFieldValue, "the value of '\(name)' has a control character")
        }
        return (name, String(decoding: value, as: UTF8.self))
    }
}

/// The lines of a head; each ends in CR LF, and neither stands anywhere else.
private struct HeadLines {
    private let bytes: ArraySlice<UInt8>
    private var index: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        index = bytes.startIndex
    }

    mutating func next() throws(ProtocolError) -> ArraySlice<UInt8> {
        let start = index
        while index < bytes.endIndex {
            let byte = bytes[index]
            if byte == .lineFeed { throw .badRequest(.bareLineFeed, "a line ends without a carriage return") }
            if byte == .carriageReturn {
                guard index + 1 < bytes.endIndex, bytes[index + 1] == .lineFeed else {
                    throw .badRequest(.bareCarriageReturn, "a carriage return is not followed by a line feed")
                }
                defer { index += 2 }
                return bytes[start..<index]
            }
            index += 1
        }
        throw .badRequest(.malformedField, "the header fields do not end in an empty line")
    }
}
