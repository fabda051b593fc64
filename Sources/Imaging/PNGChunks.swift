/// The chunks of a PNG file (ISO/IEC 15948, clause 5).
struct PNGChunks {
    /// The file without its ancillary chunks, up to its end or to where it breaks off. Text and colour profiles would only
    /// be inflated to be thrown away, which a few kilobytes can make costly.
    private(set) var critical: [UInt8]
    private(set) var orientation = Orientation.topLeft

    init(_ bytes: [UInt8]) {
        let file = bytes[...]
        var position = 8  // behind the signature
        critical = Array(file.prefix(position))
        critical.reserveCapacity(file.count)
        while let length = file.integer(at: position, .bigEndian, as: UInt32.self).map(Int.init),
            let type = file.slice(at: position + 4, length: 4)
        {
            let size = length + 12  // length, type and checksum around the data
            let chunk = file.slice(at: position, length: size) ?? file.dropFirst(position)
            let isAncillary = type.first.map { $0 & 0x20 != 0 } ?? false  // 5.4: bit 5 of the first letter
            if !isAncillary {
                critical.append(contentsOf: chunk)
            } else if type.elementsEqual("eXIf".utf8), let data = chunk.slice(at: 8, length: length) {
                orientation = Orientation(exif: data)
            }
            position += size
            if type.elementsEqual("IEND".utf8) { break }
        }
    }
}
