enum ByteOrder {
    case bigEndian
    case littleEndian
}

extension ArraySlice<UInt8> {
    /// The unsigned integer `offset` bytes after the start of the slice; `nil` where it would reach past the end.
    func integer<Value: FixedWidthInteger & UnsignedInteger>(
        at offset: Int, _ order: ByteOrder, as type: Value.Type
    ) -> Value? {
        let size = MemoryLayout<Value>.size
        guard offset >= 0, offset <= count, count - offset >= size else { return nil }
        let start = startIndex + offset
        var value: Value = 0
        for byte in self[start..<start + size] {
            value = value << 8 | Value(byte)
        }
        return order == .bigEndian ? value : value.byteSwapped
    }

    /// `length` bytes from `offset` on; `nil` where they would reach past the end.
    func slice(at offset: Int, length: Int) -> ArraySlice<UInt8>? {
        guard offset >= 0, length >= 0, offset <= count, count - offset >= length else { return nil }
        return self[startIndex + offset..<startIndex + offset + length]
    }
}
