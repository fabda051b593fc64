/// The name of a form's field or file without the escapes in which browsers and curl write it: `%22` is a quote, `%0D`
/// and `%0A` are the bytes of a line break, and any other `%` is itself (HTML Standard §4.10.21.8, "multipart/form-data
/// encoding algorithm").
package func formDecoded(_ bytes: [UInt8]) -> [UInt8] {
    var decoded: [UInt8] = []
    var rest = bytes[...]
    while let byte = rest.first {
        let escaped: UInt8? =
            if rest.starts(with: "%22".utf8) {
                UInt8(ascii: "\"")
            } else if rest.starts(with: "%0D".utf8) {
                UInt8(ascii: "\r")
            } else if rest.starts(with: "%0A".utf8) {
                UInt8(ascii: "\n")
            } else {
                nil
            }
        decoded.append(escaped ?? byte)
        rest = rest.dropFirst(escaped == nil ? 1 : 3)
    }
    return decoded
}
