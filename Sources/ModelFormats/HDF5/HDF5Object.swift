/// A group or a dataset of an HDF5 file: the messages of its object header (format specification, section IV.A).
struct HDF5Object {
    let file: HDF5File
    let address: UInt64
    /// From the root, for error messages.
    let path: String
    /// For error messages; made once, for each message has it.
    private let location: String
    /// By kind, so that looking for one of a kind costs nothing for the others.
    private let messages: [Int: [FileBytes]]

    enum Kind: Int {
        case dataspace = 1
        case linkInformation = 2
        case datatype = 3
        case link = 6
        case externalFiles = 7
        case layout = 8
        case filters = 11
        case attribute = 12
        case continuation = 16
        case symbolTable = 17
        case attributeInformation = 21
    }

    init(_ file: HDF5File, at address: UInt64, path: String) throws(ModelFormatError) {
        self.file = file
        self.address = address
        self.path = path
        location = "object \(path.quoted)"
        var cursor = try file.cursor(at: address, location)
        var reader = MessageReader(file: file, location: location)
        // Version 2 begins with a signature, version 1 with its number.
        if try cursor.byte() == 1 {
            try cursor.skip(7)
            let size = Int(try cursor.integer(UInt32.self))
            try cursor.skip(4)
            try reader.read(HDF5Cursor(try cursor.take(size), cursor.location))
        } else {
            cursor = try file.cursor(at: address, cursor.location)
            try cursor.signature("OHDR")
            let (version, flags) = (try cursor.byte(), try cursor.byte())
            guard version == 2 else { throw cursor.unsupported(found: "version \(version)", supported: "1 and 2") }
            if flags & 0x20 != 0 { try cursor.skip(16) }
            if flags & 0x10 != 0 { try cursor.skip(4) }
            let size =
                switch flags & 3 {
                case 0: try cursor.byte()
                case 1: Int(try cursor.integer(UInt16.self))
                case 2: Int(try cursor.integer(UInt32.self))
                default: try cursor.length()
                }
            reader.version2Flags = flags
            try reader.read(HDF5Cursor(try cursor.take(size), cursor.location))
        }
        try reader.followContinuations()
        messages = reader.messages
    }

    /// The first message of a kind.
    func message(_ kind: Kind) -> HDF5Cursor? {
        messages[kind.rawValue]?.first.map { HDF5Cursor($0, location) }
    }

    /// All messages of a kind.
    func all(_ kind: Kind) -> [HDF5Cursor] {
        messages[kind.rawValue, default: []].map { HDF5Cursor($0, location) }
    }

    func malformed(expected: String, found: String) -> ModelFormatError {
        file.bytes.malformed(location, expected: expected, found: found)
    }

    func unsupported(found: String, supported: String) -> ModelFormatError {
        file.bytes.unsupported(location, found: found, supported: supported)
    }
}

/// Collects an object's messages from the header and its continuation blocks.
private struct MessageReader {
    let file: HDF5File
    let location: String
    /// The header's flags where its version is 2.
    var version2Flags: Int?
    private(set) var messages: [Int: [FileBytes]] = [:]
    private var continuations: [(address: UInt64, count: Int)] = []

    init(file: HDF5File, location: String) {
        self.file = file
        self.location = location
    }

    mutating func read(_ block: HDF5Cursor) throws(ModelFormatError) {
        var cursor = block
        // What is too short for a message is a gap.
        while cursor.remaining >= headerSize {
            try file.spend(location)
            let kind: Int
            let size: Int
            let flags: Int
            if let version2Flags {
                kind = try cursor.byte()
                size = Int(try cursor.integer(UInt16.self))
                flags = try cursor.byte()
                if version2Flags & 4 != 0 { try cursor.skip(2) }
            } else {
                kind = Int(try cursor.integer(UInt16.self))
                size = Int(try cursor.integer(UInt16.self))
                flags = try cursor.byte()
                try cursor.skip(3)
            }
            let bytes = try cursor.take(size)
            if kind == HDF5Object.Kind.continuation.rawValue {
                var cursor = HDF5Cursor(bytes, location)
                continuations.append((try cursor.address(), try cursor.length()))
            } else if kind != 0 {
                guard flags & 2 == 0 else {
                    throw cursor.unsupported(found: "a shared message", supported: "messages of the object's own")
                }
                messages[kind, default: []].append(bytes)
            }
        }
    }

    private var headerSize: Int {
        guard let version2Flags else { return 8 }
        return version2Flags & 4 != 0 ? 6 : 4
    }

    /// A block that continues itself ends at the file's budget.
    mutating func followContinuations() throws(ModelFormatError) {
        while let (address, count) = continuations.popLast() {
            try file.spend(location)
            var cursor = try file.cursor(at: address, location)
            guard version2Flags != nil else {
                try read(HDF5Cursor(try cursor.take(count), location))
                continue
            }
            // Between the signature and the checksum.
            try cursor.signature("OCHK")
            guard count >= 8 else { throw cursor.malformed(expected: "a block of 8 bytes at least", found: "\(count)") }
            try read(HDF5Cursor(try cursor.take(count - 8), location))
        }
    }
}
