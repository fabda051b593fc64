/// A small named value beside a group or a dataset (format specification, section IV.A.2.m).
struct HDF5Attribute {
    let object: HDF5Object
    /// As it stands in the file, which may be no text.
    let name: String
    private let type: FileBytes
    private let dataspace: FileBytes
    private let data: FileBytes

    fileprivate init(_ message: HDF5Cursor, of object: HDF5Object) throws(ModelFormatError) {
        var cursor = message
        let (version, _) = (try cursor.byte(), try cursor.byte())
        guard (1...3).contains(version) else {
            throw cursor.unsupported(found: "an attribute of version \(version)", supported: "1 to 3")
        }
        let sizes = [
            Int(try cursor.integer(UInt16.self)), Int(try cursor.integer(UInt16.self)),
            Int(try cursor.integer(UInt16.self)),
        ]
        if version == 3 { try cursor.skip(1) }
        var parts: [FileBytes] = []
        for size in sizes {
            parts.append(try cursor.take(size))
            // Version 1 fills each up to a multiple of eight.
            if version == 1 { try cursor.skip(-size & 7) }
        }
        self.object = object
        name = String(decoding: parts[0].beforeZero.copy, as: UTF8.self)
        (type, dataspace) = (parts[1], parts[2])
        data = try cursor.take(cursor.remaining)
    }

    /// The texts of an attribute of strings; none where it is empty, whatever its type.
    func strings() throws(ModelFormatError) -> [String] {
        let location = "attribute \(name.quoted) of \(object.path.quoted)"
        let type = try HDF5Datatype(HDF5Cursor(type, location))
        let shape = try HDF5Datatype.shape(HDF5Cursor(dataspace, location))
        let limit = data.count / max(1, type.size)
        var count = 1
        for extent in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: extent)
            guard !overflow, product >= 0 else {
                throw data.malformed(location, expected: "at most \(limit) texts", found: "shape \(shape)")
            }
            count = product
        }
        guard count > 0 else { return [] }
        guard type.size > 0, count <= limit else {
            throw data.malformed(location, expected: "at most \(limit) texts", found: "shape \(shape), \(type)")
        }
        var cursor = HDF5Cursor(data, location)
        var strings: [String] = []
        for _ in 0..<count {
            let text: FileBytes
            switch type {
            case .fixedString(let size): text = try cursor.take(size)
            case .variableString:
                let length = Int(try cursor.integer(UInt32.self))
                let (address, index) = (try cursor.address(), try cursor.integer(UInt32.self))
                let object = try object.file.heapObject(at: address, index: index, location)
                guard length <= object.count else {
                    throw cursor.malformed(expected: "at most \(object.count) bytes of text", found: "\(length)")
                }
                text = object[0..<length]
            default: throw data.unsupported(location, found: "\(type)", supported: "text")
            }
            try object.file.spend(location, steps: 1, text: text.count)
            guard let string = text.beforeZero.string else {
                throw data.malformed(location, expected: "UTF-8 text", found: "other bytes")
            }
            strings.append(string)
        }
        return strings
    }
}

extension HDF5Object {
    /// The texts of the attribute called `name`, which Keras splits into parts `name0`, `name1` and so on where it is longer
    /// than 64 KB; `nil` where there is none.
    func strings(_ name: String) throws(ModelFormatError) -> [String]? {
        let attributes = try attributes()
        if let whole = attributes[name] { return try whole.strings() }
        var (strings, parts) = ([String](), 0)
        while let part = attributes["\(name)\(parts)"] {
            strings += try part.strings()
            parts += 1
        }
        return parts == 0 ? nil : strings
    }

    /// By name.
    private func attributes() throws(ModelFormatError) -> [String: HDF5Attribute] {
        if var information = message(.attributeInformation) {
            try information.skip(1)
            if try information.byte() & 1 != 0 { try information.skip(2) }
            guard try information.address() == HDF5File.undefinedAddress else {
                throw unsupported(
                    found: "attributes in a fractal heap (libver='latest')",
                    supported: "attributes as h5py writes them by default")
            }
        }
        var attributes: [String: HDF5Attribute] = [:]
        for message in all(.attribute) {
            // As long as some messages take, and names may be long.
            try file.spend(path, steps: 8 + message.remaining / 1024)
            let attribute = try HDF5Attribute(message, of: self)
            attributes[attribute.name] = attribute
        }
        return attributes
    }
}
