import CCrypto

/// The SHA-256 (FIPS 180-4) of the bytes; `nil` where OpenSSL refuses to compute it.
func contentDigest(of bytes: [UInt8]) -> [UInt8]? {
    var digest = [UInt8](repeating: 0, count: 32)
    return bytes.withUnsafeBytes { ccrypto_sha256($0.baseAddress, $0.count, &digest) } ? digest : nil
}
