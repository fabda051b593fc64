import Compute

/// A block of elements that tensors view; its bytes are a record of the file.
struct PyTorchStorage {
    let key: String
    let type: PyTorchElementType
    /// Elements; their bytes fit an `Int`.
    let count: Int

    var byteCount: Int { count * type.size }
}

/// A view of a storage: element `[i, j, …]` is the storage's number `offset + i·strides[0] + j·strides[1] + …`.
struct PyTorchTensor {
    /// More than any weights have.
    static let rankLimit = 8

    let storage: PyTorchStorage
    let offset: Int
    let shape: [Int]
    let strides: [Int]
    let count: Int
    /// Where in the storage the elements lie, and for strided ones whatever is between them.
    private let extent: Range<Int>

    /// `nil` where an element would lie outside the storage, or where there are more elements than the storage's (an
    /// expanded tensor: a few bytes could ask for gigabytes).
    init?(storage: PyTorchStorage, offset: Int, shape: [Int], strides: [Int]) {
        guard strides.count == shape.count, offset >= 0, offset <= storage.count,
            let count = try? Tensor.elementCount(of: shape), count <= storage.count
        else { return nil }
        var last = offset
        for (extent, stride) in zip(shape, strides) where count > 0 {
            let (distance, overflow) = stride.multipliedReportingOverflow(by: extent - 1)
            guard stride >= 0, !overflow, distance < storage.count - last else { return nil }
            last += distance
        }
        guard count == 0 || last < storage.count else { return nil }
        (self.storage, self.offset, self.shape, self.count) = (storage, offset, shape, count)
        extent = offset..<(count == 0 ? offset : last + 1)
        // An axis of one element is never walked along, and its stride may be any number.
        self.strides = zip(shape, strides).map { $0 > 1 ? $1 : 0 }
    }

    /// Whether the elements lie one after another, the last axis' next to each other.
    var isContiguous: Bool {
        var step = 1
        for (extent, stride) in zip(shape, strides).reversed() where extent != 1 {
            guard stride == step else { return false }
            step *= extent
        }
        return true
    }

    /// The elements as float32, row-major. `record` is the storage's bytes, which contiguous float32 elements borrow.
    ///
    /// `nil` where they are no floating-point numbers.
    func floats(in record: FileBytes) throws(TensorError) -> Tensor? {
        guard record.count == storage.byteCount else {
            throw .countMismatch(
                shape: [storage.count], expected: storage.count, found: record.count / storage.type.size)
        }
        if storage.type == .float32, isContiguous || count == 0 {
            return try part(of: record).tensor(shape: shape)
        }
        switch storage.type {
        case .float32: return try gather(record) { Float(bitPattern: $0) }
        case .float64: return try gather(record) { Float(Double(bitPattern: $0)) }
        case .float16: return try gather(record) { Float(Float16(bitPattern: $0)) }
        case .bfloat16: return try gather(record) { (bits: UInt16) in Float(bitPattern: UInt32(bits) << 16) }
        case .int64, .int32, .int16, .int8, .uint8, .boolean: return nil
        }
    }

    /// Other bytes of the record are not touched: thousands of small views may share a large one.
    private func part(of record: FileBytes) -> FileBytes {
        record[extent.lowerBound * storage.type.size..<extent.upperBound * storage.type.size]
    }

    /// Walks through the view as an odometer does, the last axis fastest. `Bits` has the size of an element.
    private func gather<Bits: FixedWidthInteger>(
        _ record: FileBytes, _ float: (Bits) -> Float
    ) throws(TensorError) -> Tensor {
        try unsafe record.file.withBytes(part(of: record).range) { bytes throws(TensorError) in
            try unsafe Tensor(shape: shape) { floats in
                var index = [Int](repeating: 0, count: shape.count)
                var element = 0
                for position in floats.indices {
                    // Within the extent, which lies within the storage, as `init` has checked.
                    let bits = unsafe bytes.loadUnaligned(fromByteOffset: element * storage.type.size, as: Bits.self)
                    unsafe floats[position] = float(Bits(littleEndian: bits))
                    for axis in shape.indices.reversed() {
                        index[axis] += 1
                        element += strides[axis]
                        if index[axis] < shape[axis] { break }
                        element -= strides[axis] * shape[axis]
                        index[axis] = 0
                    }
                }
            }
        }
    }
}
