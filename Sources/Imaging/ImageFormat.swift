/// The formats that are read. The bytes decide, never a file's name or a header field.
public enum ImageFormat: String, Sendable {
    case jpeg = "JPEG"
    case png = "PNG"
    case webP = "WebP"

    /// The format of a file by its first bytes.
    ///
    /// - Throws: ``ImageError/unsupportedFormat(found:)``, naming the format where it is a well-known other one.
    static func detect(_ bytes: [UInt8]) throws(ImageError) -> ImageFormat {
        guard !bytes.isEmpty else { throw .empty }
        func has(_ signature: some Collection<UInt8>, at offset: Int = 0) -> Bool {
            bytes.dropFirst(offset).starts(with: signature)
        }
        if has([0xFF, 0xD8, 0xFF]) { return .jpeg }
        if has([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return .png }
        if has("RIFF".utf8), has("WEBP".utf8, at: 8) { return .webP }
        let others: [(name: String, signature: [UInt8], offset: Int)] = [
            ("a GIF", Array("GIF8".utf8), 0), ("a BMP", Array("BM".utf8), 0),
            ("a TIFF", [0x49, 0x49, 0x2A, 0x00], 0), ("a TIFF", [0x4D, 0x4D, 0x00, 0x2A], 0),
            ("an AVIF", Array("ftypavif".utf8), 4), ("a HEIC", Array("ftyphei".utf8), 4),
            ("a HEIC", Array("ftypmif1".utf8), 4), ("a PDF", Array("%PDF".utf8), 0),
            ("an SVG", Array("<svg".utf8), 0), ("XML", Array("<?xml".utf8), 0),
            ("a JPEG XL", [0xFF, 0x0A], 0), ("an icon", [0, 0, 1, 0], 0),
        ]
        for other in others where has(other.signature, at: other.offset) {
            throw .unsupportedFormat(found: other.name)
        }
        throw .unsupportedFormat(found: "\(bytes.count) bytes of no known image format")
    }
}
