import CCrypto

extension FileBytes {
    /// The SHA-256 (FIPS 180-4) of the bytes, as 64 lower-case hexadecimal digits.
    func sha256() throws(ModelFormatError) -> String {
        let hash = SHA256()
        hash.add(self)
        return try hash.digest(of: file.path)
    }
}

extension FileReader {
    /// The SHA-256 (FIPS 180-4) of the whole file, as 64 lower-case hexadecimal digits. A megabyte at a time is in memory.
    func sha256() throws(ModelFormatError) -> String {
        let hash = SHA256()
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { unsafe block.deallocate() }
        for start in stride(from: 0, to: count, by: block.count) {
            let part = unsafe UnsafeMutableRawBufferPointer(rebasing: block.prefix(count - start))
            try unsafe read(into: part, from: start)
            unsafe hash.add(UnsafeRawBufferPointer(part))
        }
        return try hash.digest(of: path)
    }
}

/// The SHA-256 (FIPS 180-4) of bytes that come in parts.
@safe private final class SHA256 {
    /// `nil` where OpenSSL refuses.
    private var context = unsafe ccrypto_sha256_begin()

    func add(_ bytes: FileBytes) {
        // Part by part: no copy is made.
        for part in bytes.file.parts(of: bytes.range) {
            unsafe bytes.file.withBytes(part) { unsafe add($0) }
        }
    }

    func add(_ bytes: UnsafeRawBufferPointer) {
        guard let context = unsafe context else { return }
        if unsafe !ccrypto_sha256_add(context, bytes.baseAddress, bytes.count) { end() }
    }

    /// Of all that was added, as 64 lower-case hexadecimal digits; nothing may be added any more.
    func digest(of path: String) throws(ModelFormatError) -> String {
        var digest = [UInt8](repeating: 0, count: 32)
        guard let context = unsafe context else { throw refusal(path) }
        unsafe self.context = nil
        guard unsafe ccrypto_sha256_end(context, &digest) else { throw refusal(path) }
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    private func refusal(_ path: String) -> ModelFormatError {
        .unreadable(file: path, reason: "OpenSSL refused to compute its SHA-256")
    }

    private func end() {
        if let context = unsafe context { _ = unsafe ccrypto_sha256_end(context, nil) }
        unsafe context = nil
    }

    deinit { end() }
}
