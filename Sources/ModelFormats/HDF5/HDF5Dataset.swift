import Compute

/// An array of floating-point numbers that lies in one piece in an HDF5 file.
struct HDF5Dataset {
    let shape: [Int]
    let type: HDF5Datatype
    private let object: HDF5Object
    private let data: FileBytes

    /// Checks that the data are as many bytes as shape and type say, and that they lie in the file.
    init(_ object: HDF5Object) throws(ModelFormatError) {
        self.object = object
        guard let dataspace = object.message(.dataspace), let datatype = object.message(.datatype),
            let layout = object.message(.layout)
        else { throw object.malformed(expected: "a dataset", found: "an object without shape, type and data") }
        shape = try HDF5Datatype.shape(dataspace)
        var type = try HDF5Datatype(datatype)
        if type == .opaque(2), try object.strings("dtype") == ["bfloat16"] { type = .bfloat16 }
        guard [.float16, .bfloat16, .float32, .float64].contains(type) else {
            throw object.unsupported(found: "\(type)", supported: "float16, bfloat16, float32, float64, little-endian")
        }
        self.type = type
        guard object.message(.externalFiles) == nil else {
            throw object.unsupported(found: "data in another file", supported: "data in the file itself")
        }
        guard object.message(.filters) == nil else {
            throw object.unsupported(found: "filtered (compressed) data", supported: "plain data, as Keras writes it")
        }
        data = try Self.data(layout, of: object)
        guard let count = try? Tensor.elementCount(of: shape),
            count.multipliedReportingOverflow(by: type.size) == (data.count, false)
        else { throw object.malformed(expected: "\(data.count) bytes, its data's", found: "shape \(shape) of \(type)") }
    }

    /// Section IV.A.2.i of the format's specification.
    private static func data(_ layout: HDF5Cursor, of object: HDF5Object) throws(ModelFormatError) -> FileBytes {
        var layout = layout
        let (version, kind) = (try layout.byte(), try layout.byte())
        let names = [0: "compact", 1: "contiguous", 2: "chunked", 3: "virtual"]
        guard [3, 4].contains(version), kind <= 1 else {
            throw object.unsupported(
                found: "data of layout \(names[kind] ?? "\(kind)"), version \(version)",
                supported: "contiguous or compact data, as Keras writes it")
        }
        if kind == 0 { return try layout.take(Int(try layout.integer(UInt16.self))) }
        let (address, count) = (try layout.address(), try layout.length())
        guard count > 0 else { return object.file.bytes[0..<0] }
        var cursor = try object.file.cursor(at: address, layout.location)
        return try cursor.take(count)
    }

    /// The numbers as float32; narrower types are widened, float64 is rounded. Borrows the file's memory where it can.
    func tensor() throws(ModelFormatError) -> Tensor {
        do {
            switch type {
            case .float32: return try data.tensor(shape: shape)
            case .float16: return try data.tensor(shape: shape) { Float(Float16(bitPattern: $0)) }
            case .bfloat16: return try data.tensor(shape: shape) { Float(bitPattern: UInt32($0 as UInt16) << 16) }
            default: return try data.tensor(shape: shape) { Float(Double(bitPattern: $0)) }
            }
        } catch {
            throw object.malformed(expected: "numbers of its shape \(shape)", found: "\(error)")
        }
    }
}
