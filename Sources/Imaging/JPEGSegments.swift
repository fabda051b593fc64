/// What the markers of a JPEG file say that its library does not tell: orientation and scans (ITU-T T.81, annex B).
struct JPEGSegments {
    private(set) var orientation = Orientation.topLeft
    /// Scans begun in the part that was read.
    private(set) var scanCount = 0

    /// How far to read: the header is a few segments, the rest as long as the file.
    enum Extent {
        case header
        case file
    }

    private enum Marker {
        static let startOfImage: UInt8 = 0xD8
        static let endOfImage: UInt8 = 0xD9
        static let startOfScan: UInt8 = 0xDA
        static let application1: UInt8 = 0xE1
        static let restarts: ClosedRange<UInt8> = 0xD0...0xD7
        static let temporary: UInt8 = 0x01
    }

    init(_ bytes: [UInt8], through extent: Extent) {
        let file = bytes[...]
        var position = 0
        var exif: ArraySlice<UInt8>?
        while let marker = Self.nextMarker(in: file, &position), marker != Marker.endOfImage {
            switch marker {
            case Marker.startOfImage, Marker.temporary, Marker.restarts:
                continue
            case Marker.startOfScan:
                scanCount += 1
            case Marker.application1 where exif == nil:
                let payload = Self.payload(in: file, at: position)
                exif = payload.starts(with: "Exif\0\0".utf8) ? payload : nil
            default:
                break
            }
            if scanCount > 0, extent == .header { break }
            position += file.integer(at: position, .bigEndian, as: UInt16.self).map(Int.init) ?? file.count
        }
        orientation = exif.map(Orientation.init(exif:)) ?? .topLeft
    }

    /// Moves behind the next marker, over entropy-coded data, stuffed zeros (B.1.1.5) and fill bytes (B.1.1.2).
    private static func nextMarker(in file: ArraySlice<UInt8>, _ position: inout Int) -> UInt8? {
        while position + 1 < file.count {
            let marker = file[position + 1]
            if file[position] == 0xFF, marker != 0x00, marker != 0xFF {
                position += 2
                return marker
            }
            position += 1
        }
        return nil
    }

    private static func payload(in file: ArraySlice<UInt8>, at position: Int) -> ArraySlice<UInt8> {
        let length = file.integer(at: position, .bigEndian, as: UInt16.self).map(Int.init) ?? 0
        return file.slice(at: position + 2, length: length - 2) ?? []
    }
}
