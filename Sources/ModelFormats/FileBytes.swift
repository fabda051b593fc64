import Compute

/// A range of a file's contents: what the readers pass around instead of copies. Every access is checked against the range.
struct FileBytes: Sendable {
    let file: FileContents
    /// In the file.
    let range: Range<Int>

    var count: Int { range.count }

    /// The byte at `offset` from the start of the range.
    subscript(offset: Int) -> UInt8 {
        precondition(offset >= 0 && offset < count)
        let position = range.lowerBound + offset
        return unsafe file.withBytes(position..<position + 1) { unsafe $0[0] }
    }

    /// A part; `bounds` count from the start of the range.
    subscript(bounds: Range<Int>) -> FileBytes {
        precondition(bounds.lowerBound >= 0 && bounds.upperBound <= count)
        return FileBytes(file: file, range: range.lowerBound + bounds.lowerBound..<range.lowerBound + bounds.upperBound)
    }

    /// The little-endian integer at `offset`; all its bytes must lie in the range.
    func littleEndian<T: FixedWidthInteger>(at offset: Int, as type: T.Type) -> T {
        let part = self[offset..<offset + MemoryLayout<T>.size]
        return unsafe file.withBytes(part.range) { unsafe T(littleEndian: $0.loadUnaligned(as: T.self)) }
    }

    /// The text, or `nil` where the bytes are not UTF-8.
    var string: String? {
        unsafe file.withBytes(range) { unsafe String(validating: $0, as: UTF8.self) }
    }

    /// The bytes before the first that is 0; all where none is.
    var beforeZero: FileBytes {
        let end = unsafe file.withBytes(range) { unsafe $0.firstIndex(of: 0) }
        return self[0..<(end ?? count)]
    }

    /// A copy.
    var copy: [UInt8] { unsafe file.withBytes(range) { unsafe Array($0) } }

    /// The bytes read as little-endian float32, `count == 4 ×` the product of `shape`.
    ///
    /// The tensor borrows the memory of the bytes' segment where they lie on a multiple of 4, as they do where it begins
    /// with them; else it copies them, because a `Float` at an odd address is undefined behaviour. (ONNX does not align,
    /// safetensors usually does.)
    func tensor(shape: [Int]) throws(TensorError) -> Tensor {
        let elements = try Tensor.elementCount(of: shape)
        guard count == elements * MemoryLayout<Float>.stride else {
            throw .countMismatch(shape: shape, expected: elements, found: count / MemoryLayout<Float>.stride)
        }
        return try unsafe file.withBytesAndOwner(range) { bytes, owner throws(TensorError) in
            if file.lends(range), let owner, let base = bytes.baseAddress {
                let floats = unsafe UnsafeBufferPointer(
                    start: base.assumingMemoryBound(to: Float.self), count: elements)
                return try unsafe Tensor(shape: shape, elements: floats, ownedBy: owner)
            }
            return try unsafe Tensor(shape: shape) { unsafe UnsafeMutableRawBufferPointer($0).copyMemory(from: bytes) }
        }
    }

    /// The bytes read as little-endian numbers, as many as the product of `shape`, each made a float.
    func tensor<Number: FixedWidthInteger>(
        shape: [Int], widening: (Number) -> Float
    ) throws(TensorError) -> Tensor {
        let elements = try Tensor.elementCount(of: shape)
        let size = MemoryLayout<Number>.size
        guard count.isMultiple(of: size), count / size == elements else {
            throw .countMismatch(shape: shape, expected: elements, found: count / size)
        }
        return try unsafe file.withBytes(range) { bytes throws(TensorError) in
            try unsafe Tensor(shape: shape) { floats in
                for index in 0..<elements {
                    let bits = unsafe bytes.loadUnaligned(fromByteOffset: size * index, as: Number.self)
                    unsafe floats.initializeElement(at: index, to: widening(Number(littleEndian: bits)))
                }
            }
        }
    }
}

extension FileBytes {
    /// An error about these bytes' file.
    func malformed(_ location: String, expected: String, found: String) -> ModelFormatError {
        .malformed(file: file.path, location: location, expected: expected, found: found)
    }

    /// An error about these bytes' file.
    func unsupported(_ location: String, found: String, supported: String) -> ModelFormatError {
        .unsupported(file: file.path, location: location, found: found, supported: supported)
    }
}
