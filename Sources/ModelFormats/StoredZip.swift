/// The entries of a zip file (https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT) that are stored as they are:
/// nothing is unpacked or copied, so that no entry can be larger than the file that holds it.
///
/// Written beside ``Archives``, whose library copies what it reads: weights would lie in memory twice. Checksums are
/// not compared; a model folder's `config.json` has a digest of the whole file.
struct StoredZip {
    /// The entries, by their path.
    let entries: [String: FileBytes]
    /// The paths of entries that are compressed or encrypted, which cannot be read.
    let packed: Set<String>

    /// Whether the bytes begin as a zip file does.
    static func isZip(_ file: FileBytes) -> Bool {
        file.count >= 4 && file.littleEndian(at: 0, as: UInt32.self) == localSignature
    }

    private static let localSignature: UInt32 = 0x0403_4B50
    private static let centralSignature: UInt32 = 0x0201_4B50
    private static let endSignature: UInt32 = 0x0605_4B50
    /// Without their texts.
    private static let (localLength, centralLength, endLength) = (30, 46, 22)
    private static let commentLimit = 65535

    /// Reads the directory. Throws where it contradicts itself, or entries overlap.
    init(_ file: FileBytes) throws(ModelFormatError) {
        let end = try Self.findEnd(file)
        let count = file.littleEndian(at: end + 10, as: UInt16.self)
        let size = file.littleEndian(at: end + 12, as: UInt32.self)
        let start = file.littleEndian(at: end + 16, as: UInt32.self)
        guard count < UInt16.max, size < UInt32.max, start < UInt32.max else {
            throw file.unsupported(
                "zip directory", found: "a zip64 one", supported: "at most 65534 entries within 4 GiB")
        }
        guard Int(start) + Int(size) <= end else {
            throw file.malformed(
                "zip directory", expected: "one that ends by byte \(end)", found: "\(size) bytes at \(start)")
        }
        let directory = file[Int(start)..<Int(start) + Int(size)]
        var (entries, packed, position) = ([String: FileBytes](), Set<String>(), 0)
        var places: [(name: String, range: Range<Int>)] = []
        for index in 0..<Int(count) {
            let location = "zip directory, entry \(index)"
            guard directory.count - position >= Self.centralLength,
                directory.littleEndian(at: position, as: UInt32.self) == Self.centralSignature
            else { throw file.malformed(location, expected: "\(count) entries", found: "other bytes") }
            let record = directory[position..<directory.count]
            let (nameLength, length) = Self.lengths(of: record)
            guard length <= record.count, let name = record[Self.centralLength..<Self.centralLength + nameLength].string
            else { throw file.malformed(location, expected: "a name in UTF-8", found: "other bytes") }
            guard entries[name] == nil, !packed.contains(name) else {
                throw file.malformed(location, expected: "names that differ", found: "\(name.quoted) again")
            }
            if let contents = try Self.contents(of: record, name: name, before: Int(start), in: file) {
                entries[name] = contents
                places.append((name, contents.range))
            } else {
                packed.insert(name)
            }
            position += length
        }
        try Self.checkDisjoint(places, in: file)
        (self.entries, self.packed) = (entries, packed)
    }

    /// A thousand entries of the same bytes would be a thousand times the file to read.
    private static func checkDisjoint(
        _ places: [(name: String, range: Range<Int>)], in file: FileBytes
    ) throws(ModelFormatError) {
        var last: (name: String, end: Int) = ("", 0)
        for place in places.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) where !place.range.isEmpty {
            guard last.end <= place.range.lowerBound else {
                throw file.malformed(
                    "zip entry \(place.name.quoted)", expected: "bytes of its own",
                    found: "some of entry \(last.name.quoted)")
            }
            last = (place.name, place.range.upperBound)
        }
    }

    /// The end record is the last of the file, but for a comment whose length it says.
    private static func findEnd(_ file: FileBytes) throws(ModelFormatError) -> Int {
        let last = file.count - endLength
        for position in stride(from: last, through: max(0, last - commentLimit), by: -1)
        where file.littleEndian(at: position, as: UInt32.self) == endSignature
            && Int(file.littleEndian(at: position + 20, as: UInt16.self)) == last - position
        {
            return position
        }
        throw file.malformed(
            "zip directory", expected: "its end record at the end of the file", found: "none: is the file complete?")
    }

    /// Of a directory record's name, and of the record with its texts.
    private static func lengths(of record: FileBytes) -> (name: Int, record: Int) {
        let texts = [28, 30, 32].map { Int(record.littleEndian(at: $0, as: UInt16.self)) }
        return (texts[0], centralLength + texts.reduce(0, +))
    }

    /// The bytes of one entry, which end before the directory at `limit`; `nil` for a packed one. The lengths of the texts in front of them are
    /// asked of the local header, where they may differ from the directory's; all else is the directory's.
    private static func contents(
        of record: FileBytes, name: String, before limit: Int, in file: FileBytes
    ) throws(ModelFormatError) -> FileBytes? {
        let location = "zip entry \(name.quoted)"
        let isEncrypted = record.littleEndian(at: 8, as: UInt16.self) & 1 == 1
        let method = record.littleEndian(at: 10, as: UInt16.self)
        let stored = record.littleEndian(at: 20, as: UInt32.self)
        let size = record.littleEndian(at: 24, as: UInt32.self)
        guard !isEncrypted, method == 0, stored == size else { return nil }
        let header = Int(record.littleEndian(at: 42, as: UInt32.self))
        guard header <= limit - localLength, file.littleEndian(at: header, as: UInt32.self) == localSignature else {
            throw file.malformed(location, expected: "a header at byte \(header)", found: "other bytes")
        }
        let texts = [26, 28].map { Int(file.littleEndian(at: header + $0, as: UInt16.self)) }
        let start = header + localLength + texts.reduce(0, +)
        guard start <= limit, Int(size) <= limit - start else {
            throw file.malformed(location, expected: "at most \(max(0, limit - start)) bytes", found: "\(size)")
        }
        return file[start..<start + Int(size)]
    }
}
