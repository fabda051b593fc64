/// A parameter's value that names its encoding, such as `UTF-8''na%C3%AFve.jpg` (RFC 8187 §3.2.1). `nil` where it is
/// malformed or in an encoding other than UTF-8 and ISO-8859-1.
package func decodedExtendedValue(_ text: String) -> String? {
    let parts = text.split(separator: "'", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3 else { return nil }
    switch parts[0].lowercased() {
    case "utf-8": return percentDecoded(parts[2])
    case "iso-8859-1":
        return percentDecodedBytes(parts[2]).map { bytes in
            String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
        }
    default: return nil
    }
}
