/// The header of an `.npy` file: a Python dictionary literal with the keys `descr`, `fortran_order` and `shape`.
struct NumPyHeader {
    let shape: [Int]

    init(shape: [Int]) { self.shape = shape }

    /// Parses the literal strictly; refuses other element types and orders by name.
    init(parsing bytes: FileBytes) throws(ModelFormatError) {
        var scanner = NumPyHeaderScanner(bytes)
        var (type, isFortran, shape) = (String?.none, Bool?.none, [Int]?.none)
        try scanner.expect("{")
        while !scanner.skip("}") {
            let key = try scanner.string()
            try scanner.expect(":")
            switch key {
            case "descr" where type == nil: type = try scanner.string()
            case "fortran_order" where isFortran == nil: isFortran = try scanner.bool()
            case "shape" where shape == nil: shape = try scanner.tuple()
            default:
                throw bytes.malformed(
                    "header", expected: "each of descr, fortran_order and shape once", found: "key \(key.quoted)")
            }
            guard scanner.skip(",") else {
                try scanner.expect("}")
                break
            }
        }
        try scanner.expectEnd()
        guard let type, let isFortran, let shape else {
            throw bytes.malformed("header", expected: "descr, fortran_order and shape", found: "not all of them")
        }
        guard type == "<f4" else {
            throw bytes.unsupported(
                "header, 'descr'", found: type.quoted, supported: "'<f4' (save array.astype('<f4'))")
        }
        guard !isFortran else {
            throw bytes.unsupported(
                "header, 'fortran_order'", found: "True", supported: "False (save numpy.ascontiguousarray(array))")
        }
        self.shape = shape
    }

    /// The literal, padded so that the data of a version 1.0 file starts at a multiple of 64.
    var serialized: [UInt8] {
        let extents = shape.count == 1 ? "\(shape[0])," : shape.map { "\($0)" }.joined(separator: ", ")
        let text = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(extents)), }"
        let padding = 63 - (10 + text.utf8.count) % 64
        return Array(text.utf8) + Array(repeating: UInt8(ascii: " "), count: padding) + [UInt8(ascii: "\n")]
    }
}
