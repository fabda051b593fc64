import Synchronization

/// An open file's bytes, read when they are asked for: for a first look at where its tensors lie, before it is read as
/// a whole. A format's own parser can take that look.
///
/// Nothing but such a guess may come of it: what cannot be read is zeros, and the file may be rewritten meanwhile.
final class FileBlocks: Sendable {
    private let reader: FileReader
    /// The block that was read last: headers are read byte for byte.
    private let last = Mutex<(index: Int, bytes: [UInt8])>((-1, []))

    /// Of one block. Between two tensors of an ONNX file lie a hundred bytes.
    private static let blockSize = 4096

    init(_ reader: FileReader) { self.reader = reader }

    /// Its bytes.
    var count: Int { reader.count }

    /// Fills `target` with the bytes of `range`, which must lie within the file, be as many, and at least one.
    func copy(_ range: Range<Int>, to target: UnsafeMutableRawBufferPointer) {
        let index = range.lowerBound / Self.blockSize
        guard (range.upperBound - 1) / Self.blockSize == index else {
            unsafe read(into: target, from: range.lowerBound)
            return
        }
        let start = index * Self.blockSize
        last.withLock { block in
            if block.index != index {
                block = (index, [UInt8](repeating: 0, count: min(Self.blockSize, count - start)))
                unsafe block.bytes.withUnsafeMutableBytes { unsafe read(into: $0, from: start) }
            }
            unsafe target.copyBytes(from: block.bytes[range.lowerBound - start..<range.upperBound - start])
        }
    }

    private func read(into buffer: UnsafeMutableRawBufferPointer, from start: Int) {
        do { try unsafe reader.read(into: buffer, from: start) } catch {
            unsafe buffer.initializeMemory(as: UInt8.self, repeating: 0)
        }
    }
}
