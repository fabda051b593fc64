/// The part of an answer's JSON that depends on the image alone: the member `predictions` or `embeddings`.
enum ResultMember {
    private static let names: [[UInt8]] = [Array("predictions".utf8), Array("embeddings".utf8)]

    /// The member's bytes as they are, found by the nesting of RFC 8259 without decoding a value.
    static func find(in json: ArraySlice<UInt8>) throws(LoadError) -> ArraySlice<UInt8> {
        var depth = 0
        var name: Range<Int>?
        var valueStart: Int?
        var index = json.startIndex
        while index < json.endIndex {
            switch json[index] {
            case UInt8(ascii: "\""):
                let end = try stringEnd(in: json, from: index)
                if depth == 1, valueStart == nil { name = index + 1..<end }
                index = end
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: ":") where depth == 1: valueStart = index + 1
            case UInt8(ascii: ",") where depth == 1, UInt8(ascii: "}") where depth == 1:
                if let name, let valueStart, names.contains(where: json[name].elementsEqual) {
                    return json[valueStart..<index]
                }
                valueStart = nil
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            default: break
            }
            index += 1
        }
        throw LoadError("expected a JSON object with predictions or embeddings, found \(json.count) bytes without")
    }

    /// The index of the quotation mark that ends the string that begins at `start`.
    private static func stringEnd(in json: ArraySlice<UInt8>, from start: Int) throws(LoadError) -> Int {
        var index = start + 1
        while index < json.endIndex {
            if json[index] == UInt8(ascii: "\"") { return index }
            index += json[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        throw LoadError("expected JSON, found a string without an end")
    }
}
