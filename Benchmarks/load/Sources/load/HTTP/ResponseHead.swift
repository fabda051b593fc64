/// The status line and the header fields of an answer (RFC 9112, sections 4 and 5), as far as the tool needs them.
struct ResponseHead {
    let status: Int
    let contentLength: Int
    /// Seconds (RFC 9110, section 10.2.3; a date is not expected).
    let retryAfter: Int?
    /// Whether the server closes the connection after this answer.
    let closes: Bool
    /// Bytes up to where the content begins.
    let length: Int

    private static let maximumContentLength = 256 << 20

    /// - Returns: nil where `bytes` do not hold the whole head yet.
    init?(_ bytes: ArraySlice<UInt8>) throws(LoadError) {
        var lines: [Substring] = []
        var start = bytes.startIndex
        while true {
            guard let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
            let line = String(decoding: bytes[start..<end], as: UTF8.self)
            guard end > start, bytes[end - 1] == UInt8(ascii: "\r") else {
                throw LoadError("expected a line that ends with CR LF, found \"\(line)\"")
            }
            start = end + 1
            if line.utf8.count == 1 { break }
            lines.append(line.dropLast())
        }
        guard let statusLine = lines.first else { throw LoadError("expected a status line, found an empty line") }
        length = start - bytes.startIndex
        status = try Self.status(statusLine)

        var contentLength: Int?
        var retryAfter: Int?
        var closes = false
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { throw LoadError("expected a field, found \"\(line)\"") }
            let value = line[line.index(after: colon)...].drop(while: { $0 == " " || $0 == "\t" })
            switch line[..<colon].lowercased() {
            case "content-length":
                guard contentLength == nil else { throw LoadError("expected one Content-Length, found a second") }
                contentLength = try Self.number(value, field: "Content-Length")
            case "retry-after": retryAfter = try Self.number(value, field: "Retry-After")
            case "connection": closes = value.lowercased() == "close"
            case "transfer-encoding": throw LoadError("expected a Content-Length, found Transfer-Encoding: \(value)")
            default: break
            }
        }
        guard let contentLength else { throw LoadError("expected a Content-Length, found none: \(lines)") }
        guard contentLength <= Self.maximumContentLength else {
            throw LoadError(
                "expected at most \(Self.maximumContentLength) bytes, found Content-Length \(contentLength)")
        }
        self.contentLength = contentLength
        self.retryAfter = retryAfter
        self.closes = closes
    }

    private static func status(_ line: Substring) throws(LoadError) -> Int {
        let digits = line.dropFirst(9).prefix(3)
        let rest = line.dropFirst(12)
        guard line.hasPrefix("HTTP/1.1 "), digits.utf8.count == 3, digits.utf8.allSatisfy({ 48...57 ~= $0 }),
            let status = Int(digits), 200...599 ~= status, rest.isEmpty || rest.first == " "
        else { throw LoadError("expected \"HTTP/1.1\" and a final status, found \"\(line)\"") }
        return status
    }

    private static func number(_ text: Substring, field: String) throws(LoadError) -> Int {
        guard !text.isEmpty, text.utf8.allSatisfy({ 48...57 ~= $0 }), let number = Int(text) else {
            throw LoadError("\(field): expected digits, found \"\(text)\"")
        }
        return number
    }
}
