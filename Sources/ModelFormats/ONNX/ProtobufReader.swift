/// Reads the fields of one protocol-buffers message in place.
///
/// Only the wire format (https://protobuf.dev/programming-guides/encoding): which field means what is for the ONNX
/// types to know. Written instead of using swift-protobuf because that copies every bytes field: on vgg16.onnx
/// (553 MB of weights, 2 cores of Zen 4, Swift 6.3, swift-protobuf 1.39, release build) parsing alone took
/// 0.25–0.54 s and 1,101 MB of resident memory, twice the weights, 542 MB of it not reclaimable; copied into
/// tensors 1.2–2.1 s and 1,642 MB. This reader takes 2 ms and, besides the file's contents, 17 MB: it copies no weights.
struct ProtobufReader {
    /// The message's type, for errors.
    let message: String
    private let bytes: FileBytes
    private var position = 0

    init(_ bytes: FileBytes, message: String) {
        self.bytes = bytes
        self.message = message
    }

    /// The next field, or `nil` at the end of the message.
    mutating func next() throws(ModelFormatError) -> ProtobufField? {
        guard position < bytes.count else { return nil }
        let tag = try varint("a field's tag")
        guard tag >> 3 > 0, tag >> 3 < 1 << 29 else {
            throw malformed(expected: "a field number from 1 to 536870911", found: "\(tag >> 3)")
        }
        let value: ProtobufField.Value
        switch tag & 7 {
        case 0: value = .varint(try varint("an integer"))
        case 1: value = .bytes64(try take(8, "a 64-bit number"))
        case 2: value = .bytes(try take(try varint("a length"), "as many bytes as the length says"))
        case 5: value = .bytes32(try take(4, "a 32-bit number"))
        default: throw malformed(expected: "wire type 0, 1, 2 or 5", found: "\(tag & 7)")
        }
        return ProtobufField(number: Int(tag >> 3), message: message, owner: bytes, value: value)
    }

    /// The next varint of a packed list, or `nil` at its end.
    mutating func nextPacked() throws(ModelFormatError) -> UInt64? {
        position < bytes.count ? try varint("an integer") : nil
    }

    private mutating func varint(_ what: String) throws(ModelFormatError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard position < bytes.count else { throw malformed(expected: what, found: "the end of the message") }
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw malformed(expected: what + " of at most 10 bytes", found: "a longer one")
    }

    private mutating func take(_ count: UInt64, _ what: String) throws(ModelFormatError) -> FileBytes {
        guard count <= UInt64(bytes.count - position) else {
            throw malformed(expected: "\(what) (\(count) bytes)", found: "\(bytes.count - position) bytes")
        }
        defer { position += Int(count) }
        return bytes[position..<position + Int(count)]
    }

    private func malformed(expected: String, found: String) -> ModelFormatError {
        bytes.malformed("\(message) at byte \(bytes.range.lowerBound + position)", expected: expected, found: found)
    }
}
