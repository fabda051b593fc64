/// The header fields of one part, as bytes, by their lower-case names.
struct MultipartHeader {
    private var fields: [String: ArraySlice<UInt8>] = [:]

    subscript(name: String) -> ArraySlice<UInt8>? { fields[name] }

    /// Reads the fields that start at `start` up to the empty line that ends them.
    ///
    /// - Returns: the fields and the position after the empty line.
    static func read(
        _ body: [UInt8], from start: Int, limit: Int, part: Int
    ) throws(MultipartError) -> (header: MultipartHeader, end: Int) {
        var header = MultipartHeader()
        var position = start
        while true {
            guard let end = try lineEnd(in: body, from: position, limit: start + limit, part: part) else {
                throw body.count - start >= limit
                    ? .headerTooLarge(part: part, limit: limit) : .missingFinalBoundary
            }
            if end == position { return (header, end + 2) }
            try header.append(body[position..<end], part: part)
            position = end + 2
        }
    }

    /// Where the CRLF of the line at `start` stands, looking no further than `limit`.
    private static func lineEnd(
        in body: [UInt8], from start: Int, limit: Int, part: Int
    ) throws(MultipartError) -> Int? {
        let end = min(limit, body.count)
        var position = start
        while position < end {
            switch body[position] {
            case 0x0D:
                guard position + 1 < end else { return nil }
                guard body[position + 1] == 0x0A else { throw .malformedHeader("CR without LF", part: part) }
                return position
            case 0x0A: throw .malformedHeader("LF without CR", part: part)
            case 0: throw .malformedHeader("a NUL byte", part: part)
            default: position += 1
            }
        }
        return nil
    }

    private mutating func append(_ line: ArraySlice<UInt8>, part: Int) throws(MultipartError) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
            !line[..<colon].contains(where: { $0 <= 0x20 })
        else { throw .malformedHeader("a line that is not 'Name: value'", part: part) }
        let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
        guard fields[name] == nil else { throw .malformedHeader("'\(name)' twice", part: part) }
        let value = line[(colon + 1)...].drop(while: \.isBlank)
        let last = value.lastIndex { !$0.isBlank }
        fields[name] = last.map { value[...$0] } ?? []
    }
}
