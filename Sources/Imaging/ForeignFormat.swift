/// Formats that are recognised only to be named in the error.
enum ForeignFormat {
    private static let signatures: [(name: String, offset: Int, bytes: [UInt8])] = [
        ("GIF", 0, Array("GIF8".utf8)),
        ("BMP", 0, Array("BM".utf8)),
        ("TIFF", 0, [0x49, 0x49, 0x2A, 0x00]),
        ("TIFF", 0, [0x4D, 0x4D, 0x00, 0x2A]),
        ("AVIF", 4, Array("ftypavi".utf8)),
        ("HEIC", 4, Array("ftyphei".utf8)),
        ("HEIC", 4, Array("ftyphev".utf8)),
        ("HEIF", 4, Array("ftypmif1".utf8)),
        ("JPEG XL", 0, [0xFF, 0x0A]),
        ("JPEG XL", 4, Array("JXL ".utf8)),
        ("JPEG 2000", 4, Array("jP  ".utf8)),
        ("PDF", 0, Array("%PDF-".utf8)),
        ("ZIP", 0, [0x50, 0x4B, 0x03, 0x04]),
    ]

    /// What `bytes` look like, in words that end the sentence "found …".
    static func name(of bytes: [UInt8]) -> String {
        for signature in signatures where bytes.dropFirst(signature.offset).starts(with: signature.bytes) {
            return signature.name
        }
        return text(bytes.prefix(256)) ?? "unknown data"
    }

    private static func text(_ head: ArraySlice<UInt8>) -> String? {
        let isPrintable = head.allSatisfy { $0 >= 0x20 && $0 != 0x7F || (0x09...0x0D).contains($0) }
        guard isPrintable else { return nil }
        let words = String(decoding: head, as: UTF8.self).lowercased()
        if words.contains("<svg") { return "SVG" }
        if words.contains("<html") || words.contains("<!doctype html") { return "HTML" }
        return "text"
    }
}
