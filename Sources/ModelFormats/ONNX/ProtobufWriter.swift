import Compute

/// Writes one protocol-buffers message, field by field (https://protobuf.dev/programming-guides/encoding).
///
/// Messages nest without copies of the tensors in them: these are copied once, into ``bytes``.
struct ProtobufWriter {
    /// Bytes and the tensor that follows them.
    private struct Piece {
        let bytes: [UInt8]
        let tensor: Tensor
    }

    /// The message's size.
    private(set) var count = 0
    private var pieces: [Piece] = []
    /// What follows the last piece.
    private var end: [UInt8] = []

    /// `int64`, `int32` or an enum.
    mutating func integer(_ field: UInt64, _ value: Int) {
        varint(field << 3)
        varint(UInt64(bitPattern: Int64(value)))
    }

    /// `float`
    mutating func float(_ field: UInt64, _ value: Float) {
        varint(field << 3 | 5)
        append(littleEndian: value.bitPattern)
    }

    /// `string`
    mutating func text(_ field: UInt64, _ text: String) {
        header(field, count: text.utf8.count)
        end += text.utf8
        count += text.utf8.count
    }

    /// `bytes` that hold the tensor's elements, little-endian.
    mutating func tensor(_ field: UInt64, _ tensor: Tensor) {
        header(field, count: tensor.count * MemoryLayout<Float>.stride)
        append(tensor)
    }

    /// `bytes` that hold the integers, little-endian.
    mutating func integers<T: FixedWidthInteger>(_ field: UInt64, littleEndian values: [T]) {
        header(field, count: values.count * MemoryLayout<T>.size)
        for value in values { append(littleEndian: value) }
    }

    /// An embedded message.
    mutating func message(_ field: UInt64, _ content: ProtobufWriter) {
        header(field, count: content.count)
        for piece in content.pieces {
            end += piece.bytes
            count += piece.bytes.count
            append(piece.tensor)
        }
        end += content.end
        count += content.end.count
    }

    /// The whole message.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        for piece in pieces {
            bytes += piece.bytes
            unsafe piece.tensor.withUnsafeBufferPointer { unsafe bytes.append(littleEndian: $0) }
        }
        bytes += end
        return bytes
    }

    private mutating func append(_ tensor: Tensor) {
        pieces.append(Piece(bytes: end, tensor: tensor))
        end = []
        count += tensor.count * MemoryLayout<Float>.stride
    }

    private mutating func append(littleEndian value: some FixedWidthInteger) {
        unsafe withUnsafeBytes(of: value.littleEndian) { unsafe end.append(contentsOf: $0) }
        count += value.bitWidth / 8
    }

    /// Of a field of bytes.
    private mutating func header(_ field: UInt64, count: Int) {
        varint(field << 3 | 2)
        varint(UInt64(count))
    }

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(littleEndian: UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        append(littleEndian: UInt8(rest))
    }
}
