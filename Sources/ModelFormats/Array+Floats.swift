extension [UInt8] {
    /// Appends the numbers as little-endian float32, as they lie in the memory of every machine that Martlet runs on.
    mutating func append(littleEndian floats: UnsafeBufferPointer<Float>) {
        unsafe append(contentsOf: UnsafeRawBufferPointer(floats))
    }
}
