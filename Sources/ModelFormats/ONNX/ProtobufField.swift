/// One field of a protocol-buffers message, with its value still undecided between the types that share a wire type.
struct ProtobufField {
    enum Value {
        case varint(UInt64)
        case bytes64(FileBytes)
        case bytes32(FileBytes)
        case bytes(FileBytes)
    }

    /// As the `.proto` file numbers it.
    let number: Int
    /// The type of the message that holds it, for errors.
    let message: String
    /// The message's bytes, for errors.
    let owner: FileBytes
    let value: Value

    /// `int64`, `int32` or an enum.
    func integer() throws(ModelFormatError) -> Int64 {
        guard case .varint(let value) = value else { throw mismatch("an integer") }
        return Int64(bitPattern: value)
    }

    /// `float`
    func float() throws(ModelFormatError) -> Float {
        guard case .bytes32(let bytes) = value else { throw mismatch("a float") }
        return Float(bitPattern: bytes.littleEndian(at: 0, as: UInt32.self))
    }

    /// `bytes` or an embedded message.
    func bytes() throws(ModelFormatError) -> FileBytes {
        guard case .bytes(let bytes) = value else { throw mismatch("bytes") }
        return bytes
    }

    /// `string`
    func string() throws(ModelFormatError) -> String {
        guard let text = try bytes().string else { throw mismatch("UTF-8 text") }
        return text
    }

    /// Appends a `repeated int64`, packed or one by one: readers must accept both.
    func appendIntegers(to list: inout [Int64], limit: Int) throws(ModelFormatError) {
        switch value {
        case .varint(let value):
            list.append(Int64(bitPattern: value))
        case .bytes(let bytes):
            var reader = ProtobufReader(bytes, message: message)
            while list.count <= limit, let value = try reader.nextPacked() { list.append(Int64(bitPattern: value)) }
        default: throw mismatch("integers")
        }
        guard list.count <= limit else { throw mismatch("at most \(limit) integers") }
    }

    /// Appends a `repeated float`, packed or one by one.
    func appendFloats(to list: inout [Float], limit: Int) throws(ModelFormatError) {
        switch value {
        case .bytes32:
            list.append(try float())
        case .bytes(let bytes):
            guard bytes.count % 4 == 0, bytes.count / 4 <= limit else { throw mismatch("at most \(limit) floats") }
            for offset in stride(from: 0, to: bytes.count, by: 4) {
                list.append(Float(bitPattern: bytes.littleEndian(at: offset, as: UInt32.self)))
            }
        default: throw mismatch("floats")
        }
        guard list.count <= limit else { throw mismatch("at most \(limit) floats") }
    }

    /// Appends a `repeated double`, packed or one by one.
    func appendDoubles(to list: inout [Double], limit: Int) throws(ModelFormatError) {
        let bytes: FileBytes
        switch value {
        case .bytes64(let number): bytes = number
        case .bytes(let packed) where packed.count.isMultiple(of: 8): bytes = packed
        default: throw mismatch("doubles")
        }
        guard bytes.count / 8 <= limit - list.count else { throw mismatch("at most \(limit) doubles") }
        for offset in stride(from: 0, to: bytes.count, by: 8) {
            list.append(Double(bitPattern: bytes.littleEndian(at: offset, as: UInt64.self)))
        }
    }

    private func mismatch(_ expected: String) -> ModelFormatError {
        let found =
            switch value {
            case .varint(let value): "the integer \(value)"
            case .bytes64: "8 bytes"
            case .bytes32: "4 bytes"
            case .bytes(let bytes): "\(bytes.count) bytes"
            }
        return owner.malformed(
            "\(message) at byte \(owner.range.lowerBound), field \(number)", expected: expected, found: found)
    }
}
