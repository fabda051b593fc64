/// What the elements of a dataset or of an attribute are (format specification, section IV.A.2.d).
enum HDF5Datatype: Equatable {
    /// IEEE 754, little-endian.
    case float16, float32, float64
    /// The upper half of a float32.
    case bfloat16
    /// Text of so many bytes, filled up with zeros or spaces.
    case fixedString(Int)
    /// Text of any length in the global heap.
    case variableString
    /// Bytes without a meaning of their own; h5py stores NumPy's extension types so.
    case opaque(Int)
    /// Anything else, in words.
    case other(String)

    init(_ message: HDF5Cursor) throws(ModelFormatError) {
        var cursor = message
        let (head, flags) = (try cursor.byte(), try cursor.byte())
        try cursor.skip(2)
        let size = Int(try cursor.integer(UInt32.self))
        switch head & 15 {
        case 0: self = .other("integers of \(size) bytes")
        case 1:
            try cursor.skip(4)
            let layout = [try cursor.byte(), try cursor.byte(), try cursor.byte(), try cursor.byte()]
            switch (size, layout, flags & 0x41) {
            case (2, [10, 5, 0, 10], 0): self = .float16
            case (2, [7, 8, 0, 7], 0): self = .bfloat16
            case (4, [23, 8, 0, 23], 0): self = .float32
            case (8, [52, 11, 0, 52], 0): self = .float64
            default: self = .other("floating-point numbers of \(size) bytes")
            }
        case 3: self = .fixedString(size)
        case 5: self = .opaque(size)
        case 9 where flags & 15 == 1: self = .variableString
        default: self = .other("elements of HDF5's class \(head & 15)")
        }
    }

    /// Bytes of one element.
    var size: Int {
        switch self {
        case .float16, .bfloat16: 2
        case .float32: 4
        case .float64: 8
        case .fixedString(let size), .opaque(let size): size
        case .variableString: 16
        case .other: 0
        }
    }

    /// The extents of a dataspace message (section IV.A.2.b); `[]` is a scalar.
    static func shape(_ message: HDF5Cursor) throws(ModelFormatError) -> [Int] {
        var cursor = message
        let (version, rank) = (try cursor.byte(), try cursor.byte())
        try cursor.skip(1)
        guard (1...2).contains(version), rank <= 8 else {
            throw cursor.unsupported(
                found: "a dataspace of version \(version) and \(rank) axes", supported: "versions 1 and 2, 8 axes")
        }
        // Version 1 has reserved bytes here, version 2 a type: 2 means no elements at all.
        if version == 1 {
            try cursor.skip(5)
        } else if try cursor.byte() == 2 {
            return [0]
        }
        var shape: [Int] = []
        for _ in 0..<rank { shape.append(try cursor.length()) }
        return shape
    }
}
