/// Replaces `%XX` by the byte it stands for (RFC 3986 §2.1); `nil` where two hexadecimal digits do not follow a `%`
/// or the bytes are not UTF-8.
package func percentDecoded(_ text: some StringProtocol) -> String? {
    percentDecodedBytes(text).flatMap { String(validating: $0, as: UTF8.self) }
}

/// As ``percentDecoded(_:)``, for text in another encoding than UTF-8.
func percentDecodedBytes(_ text: some StringProtocol) -> [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
        guard byte == UInt8(ascii: "%") else {
            bytes.append(byte)
            continue
        }
        guard let high = rest.popFirst()?.hexadecimalDigit, let low = rest.popFirst()?.hexadecimalDigit else {
            return nil
        }
        bytes.append(high << 4 | low)
    }
    return bytes
}

extension UInt8 {
    var hexadecimalDigit: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
