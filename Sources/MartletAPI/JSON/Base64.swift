/// The bytes that base64 text stands for (RFC 4648 §4: padded, in one piece); `nil` where it is something else.
func base64Decoded(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    guard text.count.isMultiple(of: 4) else { return nil }
    let padding = text.suffix(2).reversed().prefix { $0 == UInt8(ascii: "=") }.count
    let values = base64Values
    var decoded = [UInt8](repeating: 0, count: text.count / 4 * 3 - padding)
    var (index, seen) = (text.startIndex, UInt8(0))
    /// The next four characters' 24 bits; `seen` keeps whether one of them was no digit.
    func group(_ count: Int = 4) -> UInt32 {
        var bits: UInt32 = 0
        for offset in 0..<count {
            let value = values[Int(text[index + offset])]
            seen |= value
            bits = bits << 6 | UInt32(value & 63)
        }
        index += count
        return bits << (6 * UInt32(4 - count))
    }
    let whole = decoded.count / 3 * 3
    for start in stride(from: 0, to: whole, by: 3) {
        let bits = group()
        decoded[start] = UInt8(truncatingIfNeeded: bits >> 16)
        decoded[start + 1] = UInt8(truncatingIfNeeded: bits >> 8)
        decoded[start + 2] = UInt8(truncatingIfNeeded: bits)
    }
    if padding > 0 {
        let bits = group(4 - padding)
        decoded[whole] = UInt8(truncatingIfNeeded: bits >> 16)
        if padding == 1 { decoded[whole + 1] = UInt8(truncatingIfNeeded: bits >> 8) }
    }
    return seen < 64 ? decoded : nil
}

/// The value of each character; 255 for those that are no digit.
private let base64Values: [UInt8] = {
    var values = [UInt8](repeating: 255, count: 256)
    let digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    for (value, digit) in digits.utf8.enumerated() { values[Int(digit)] = UInt8(value) }
    return values
}()
