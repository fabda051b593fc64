/// A file of the Hierarchical Data Format 5, in memory: what h5py, and so Keras, writes by default.
///
/// The format's C library is not asked to read files of strangers: 1.10.8, Debian 12's, crashes on 41 of 3,000
/// Keras files in which one to three bytes were changed. What is read here is the small part of the format that Keras
/// uses: groups, attributes, and datasets that lie in one piece. Links to other files, other files' data, filters and
/// plugins do not exist for this reader.
///
/// Source: HDF5 File Format Specification, version 3.0
/// (https://docs.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html).
final class HDF5File {
    /// "No such object".
    static let undefinedAddress = UInt64.max
    /// Links, messages and heap objects that may be looked at: a hostile file's groups may share their parts, and so ask for
    /// more work than the file's size suggests. A network of a thousand layers takes some ten thousand.
    private static let workLimit = 1 << 22

    let bytes: FileBytes
    private let rootAddress: UInt64
    private var work = 0
    private var textCount = 0
    /// Bytes of attributes' texts that may be read, if the file is not longer: those of shared layers are read at each call.
    private static let textLimit = 1 << 24
    /// Of groups that were read, by address: a layer's path is followed for each of its weights.
    var knownLinks: [UInt64: [String: UInt64]] = [:]

    /// Reads the superblock.
    init(_ bytes: FileBytes) throws(ModelFormatError) {
        self.bytes = bytes
        var cursor = HDF5Cursor(bytes, "HDF5 superblock")
        guard try cursor.take(8).copy == [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A] else {
            throw cursor.malformed(expected: "the signature of an HDF5 file", found: "other bytes")
        }
        let version = try cursor.byte()
        guard version <= 3 else { throw cursor.unsupported(found: "version \(version)", supported: "0 to 3") }
        if version <= 1 { try cursor.skip(4) }
        let sizes = [try cursor.byte(), try cursor.byte()]
        guard sizes == [8, 8] else {
            throw cursor.unsupported(found: "offsets and lengths of \(sizes) bytes", supported: "8 each")
        }
        // Versions 0 and 1 go on with a reserved byte, the B-trees' sizes and flags; 2 and 3 with flags.
        try cursor.skip(version == 0 ? 9 : version == 1 ? 13 : 1)
        let base = try cursor.address()
        guard base == 0 else { throw cursor.unsupported(found: "base address \(base)", supported: "0") }
        try cursor.skip(8)
        let end = try cursor.address()
        guard end <= UInt64(bytes.count) else {
            throw cursor.malformed(
                expected: "the file's \(bytes.count) bytes to hold all its data (is it written in full?)",
                found: "data up to byte \(end)")
        }
        // The root group's entry: a driver's information block and the name's offset stand before its address.
        if version <= 1 { try cursor.skip(16) }
        rootAddress = try cursor.address()
    }

    func root() throws(ModelFormatError) -> HDF5Object { try HDF5Object(self, at: rootAddress, path: "/") }

    /// The bytes from `address` on.
    func cursor(at address: UInt64, _ location: String) throws(ModelFormatError) -> HDF5Cursor {
        guard let start = Int(exactly: address), start < bytes.count else {
            throw bytes.malformed(location, expected: "an address below \(bytes.count)", found: "\(address)")
        }
        return HDF5Cursor(bytes[start..<bytes.count], location)
    }

    /// Counts a step that a reader is about to make, or several, and the bytes of `text` that it is about to read: many
    /// attributes may lead to the same text.
    func spend(
        _ location: @autoclosure () -> String, steps: Int = 1, text: Int = 0
    ) throws(ModelFormatError) {
        // Files have at most 2^32 bytes: no overflow.
        work += steps
        guard work <= Self.workLimit else {
            throw bytes.unsupported(
                location(), found: "more than \(Self.workLimit) links, messages and heap objects up to here",
                supported: "at most as many in a file")
        }
        textCount += text
        let limit = max(bytes.count, Self.textLimit)
        guard textCount <= limit else {
            throw bytes.unsupported(
                location(), found: "more than \(limit) bytes of attributes' texts up to here",
                supported: "at most as many in a file of \(bytes.count) bytes")
        }
    }

    /// An object of the global heap, where strings of any length lie: index `index` of the collection at `address`.
    func heapObject(at address: UInt64, index: UInt32, _ location: String) throws(ModelFormatError) -> FileBytes {
        var cursor = try cursor(at: address, "\(location), global heap")
        try cursor.signature("GCOL")
        try cursor.skip(4)
        let size = try cursor.length()
        while cursor.offset < size {
            try spend(location)
            let found = UInt32(try cursor.integer(UInt16.self))
            try cursor.skip(6)
            let count = try cursor.length()
            if found == 0 { break }
            let object = try cursor.take(count)
            if found == index { return object }
            try cursor.skip(-count & 7)
        }
        throw cursor.malformed(expected: "an object with index \(index)", found: "none")
    }
}
