import CCrypto

extension FileBytes {
    /// The SHA-256 (FIPS 180-4) of the bytes, as 64 lower-case hexadecimal digits.
    func sha256() throws(ModelFormatError) -> String {
        var digest = [UInt8](repeating: 0, count: 32)
        let done = unsafe file.withBytes(range) { unsafe ccrypto_sha256($0.baseAddress, $0.count, &digest) }
        guard done else { throw .unreadable(file: file.path, reason: "OpenSSL refused to compute its SHA-256") }
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
