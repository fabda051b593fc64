import HTTPTypes

/// The header fields that decide where a request ends and what becomes of its connection.
struct FieldSummary {
    private(set) var hosts: [String] = []
    private var contentLength: Int?
    private var transferCodings: [String]?
    private var connectionOptions: [String] = []
    private var expectations: [String] = []
    private var contentCodings: [String] = []
    private(set) var choosesContent = false

    mutating func note(_ name: HTTPField.Name, _ value: String) throws(ProtocolError) {
        switch name {
        case Self.host: hosts.append(value)
        case .contentLength: try noteLength(value)
        case .transferEncoding:
            // RFC 9110 section 5.3 lets lines be combined; a reader on the way that does not sees another framing.
            guard transferCodings == nil else {
                throw .badRequest(.repeatedCoding, "there are two Transfer-Encoding fields")
            }
            transferCodings = Self.list(value)
        case .connection: connectionOptions += Self.list(value)
        case .contentEncoding: contentCodings += Self.list(value)
        case .expect: expectations += Self.list(value)
        case .acceptEncoding, .range, .ifRange, .ifMatch, .ifNoneMatch: choosesContent = true
        default: break
        }
    }

    /// RFC 9112 section 6.3. Both a length and a coding is how requests are smuggled: refused, and the connection ends.
    func framing(version: RequestLine.Version) throws(ProtocolError) -> BodyDecoder.Framing {
        guard let transferCodings else { return .length(contentLength ?? 0) }
        guard contentLength == nil else {
            throw .badRequest(.lengthAndCoding, "a request must not have both Content-Length and Transfer-Encoding")
        }
        guard version == .http11 else { throw .badRequest(.codingInHTTP10, "HTTP/1.0 has no Transfer-Encoding") }
        if transferCodings == ["chunked"] { return .chunked }
        let found = "found '\(transferCodings.joined(separator: ", "))'"
        guard transferCodings.firstIndex(of: "chunked") == transferCodings.count - 1 else {
            throw .badRequest(.chunkedNotLast, "the last transfer coding, and only that, must be 'chunked', \(found)")
        }
        throw ProtocolError(
            .notImplemented, .unknownCoding, "the only transfer coding known here is 'chunked', \(found)")
    }

    /// RFC 9112 section 9.3.
    func keepsAlive(version: RequestLine.Version) -> Bool {
        if connectionOptions.contains("close") { return false }
        return version == .http11 || connectionOptions.contains("keep-alive")
    }

    /// RFC 9110 section 10.1.1; a client of HTTP/1.0 does not know of it.
    func expectsContinue(version: RequestLine.Version) throws(ProtocolError) -> Bool {
        guard !expectations.isEmpty else { return false }
        guard expectations.allSatisfy({ $0 == "100-continue" }) else {
            throw ProtocolError(
                .expectationFailed, .unknownExpectation,
                "the only expectation met here is 100-continue, found '\(expectations.joined(separator: ", "))'")
        }
        return version == .http11
    }

    /// RFC 9110 section 8.4: content that is coded is not decoded here, nor taken for what it is not.
    func checkContentCoding() throws(ProtocolError) {
        guard contentCodings.allSatisfy({ $0 == "identity" }) else {
            throw ProtocolError(
                .unsupportedMediaType, .contentCoding,
                "content is read without a coding, found Content-Encoding '\(contentCodings.joined(separator: ", "))'")
        }
    }

    /// One field of digits. RFC 9110 section 8.6 lets a server refuse a length that is given twice, in two fields or as
    /// the list `5, 5`, though both be equal: not every reader on the way takes them for one.
    private mutating func noteLength(_ value: String) throws(ProtocolError) {
        guard !value.isEmpty, value.utf8.allSatisfy(\.isDigit) else {
            throw .badRequest(.malformedLength, "Content-Length must be digits, found '\(value)'")
        }
        guard let length = Int(value) else {
            throw ProtocolError(.contentTooLarge, .bodyTooLarge, "no body of \(value) bytes is accepted")
        }
        guard contentLength == nil else { throw .badRequest(.repeatedLength, "there are two Content-Length fields") }
        contentLength = length
    }

    /// The list's words in lower case, which here is ASCII's: Unicode's takes a Kelvin sign for a `k`, and a proxy that
    /// does not would see another framing.
    private static func list(_ value: String) -> [String] {
        value.utf8.split(separator: UInt8(ascii: ",")).map { part in
            let word = part.drop(while: \.isBlank).reversed().drop(while: \.isBlank).reversed()
            let isUppercase = { (byte: UInt8) in byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") }
            return String(decoding: word.map { isUppercase($0) ? $0 | 32 : $0 }, as: UTF8.self)
        }
        .filter { !$0.isEmpty }
    }

    private static let host = HTTPField.Name("Host")
}
