extension Orientation {
    private static let tag: UInt16 = 0x0112

    /// The orientation in an EXIF block: a TIFF header, perhaps after the six bytes "Exif\0\0", then its first directory.
    ///
    /// Anything unreadable gives `.topLeft`, as if the block were absent: a photo is not refused for its metadata.
    init(exif block: ArraySlice<UInt8>) {
        let tiff = block.starts(with: "Exif\0\0".utf8) ? block.dropFirst(6) : block
        self = Self.value(inTIFF: tiff).flatMap(Orientation.init(rawValue:)) ?? .topLeft
    }

    /// TIFF 6.0, section 2: a directory is a count and entries of 12 bytes (tag, type, count, value or offset).
    private static func value(inTIFF tiff: ArraySlice<UInt8>) -> UInt32? {
        let order: ByteOrder
        if tiff.starts(with: "II".utf8) {
            order = .littleEndian
        } else if tiff.starts(with: "MM".utf8) {
            order = .bigEndian
        } else {
            return nil
        }
        guard tiff.integer(at: 2, order, as: UInt16.self) == 42,
            let directory = tiff.integer(at: 4, order, as: UInt32.self).map(Int.init),
            let entries = tiff.integer(at: directory, order, as: UInt16.self)
        else { return nil }
        for index in 0..<Int(entries) {
            guard let entry = tiff.slice(at: directory + 2 + 12 * index, length: 12) else { return nil }
            if entry.integer(at: 0, order, as: UInt16.self) == tag {
                return value(ofEntry: entry, order)
            }
        }
        return nil
    }

    private static func value(ofEntry entry: ArraySlice<UInt8>, _ order: ByteOrder) -> UInt32? {
        guard entry.integer(at: 4, order, as: UInt32.self) == 1 else { return nil }
        // Exif says SHORT; Pillow reads LONG too.
        switch entry.integer(at: 2, order, as: UInt16.self) {
        case 3: return entry.integer(at: 8, order, as: UInt16.self).map(UInt32.init)
        case 4: return entry.integer(at: 8, order, as: UInt32.self)
        default: return nil
        }
    }
}
