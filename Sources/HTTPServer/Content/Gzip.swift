import CZlib

/// The content coding `gzip` (RFC 9110 section 8.4.1.3), by zlib.
enum Gzip {
    /// zlib's fastest: it is less than half as slow as its default, and JSON and text become hardly larger.
    private static let level: Int32 = 1

    /// `nil` where that is not shorter.
    static func encoded(_ bytes: [UInt8]) -> [UInt8]? {
        let encoded = unsafe [UInt8](unsafeUninitializedCapacity: bytes.count) { buffer, count in
            guard let output = buffer.baseAddress else { return }
            count = unsafe czlib_gzip(bytes, bytes.count, output, bytes.count, level)
        }
        return encoded.isEmpty ? nil : encoded
    }
}
