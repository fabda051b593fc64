/// How an image must be turned to stand upright: the EXIF tag 0x0112 (CIPA DC-008, section 4.6.5), 1 to 8.
///
/// Anything that cannot be read counts as upright: a photo with damaged metadata is still a photo.
struct EXIFOrientation: Equatable {
    static let up = EXIFOrientation(mirrored: false, quarterTurns: 0)

    /// Left and right are exchanged first.
    let mirrored: Bool
    /// Then it is turned clockwise by this many right angles.
    let quarterTurns: Int

    private init(mirrored: Bool, quarterTurns: Int) {
        self.mirrored = mirrored
        self.quarterTurns = quarterTurns
    }

    /// - Parameter tag: 1…8; anything else is upright.
    init(tag: Int) {
        switch tag {
        case 2: self.init(mirrored: true, quarterTurns: 0)
        case 3: self.init(mirrored: false, quarterTurns: 2)
        case 4: self.init(mirrored: true, quarterTurns: 2)
        case 5: self.init(mirrored: true, quarterTurns: 3)
        case 6: self.init(mirrored: false, quarterTurns: 1)
        case 7: self.init(mirrored: true, quarterTurns: 1)
        case 8: self.init(mirrored: false, quarterTurns: 3)
        default: self = .up
        }
    }

    /// From the APP1 segment of a JPEG: markers of two bytes, each followed by its big-endian length.
    init(jpeg bytes: [UInt8]) {
        self = .up
        var index = 2
        while let marker = bytes.integer(at: index, count: 2), marker >> 8 == 0xFF, marker != 0xFFDA,
            let length = bytes.integer(at: index + 2, count: 2), length >= 2
        {
            let end = index + 2 + length
            guard end <= bytes.count else { return }
            let segment = bytes[(index + 4)..<end]
            if marker == 0xFFE1, segment.starts(with: "Exif\0\0".utf8) {
                self.init(tiff: segment.dropFirst(6))
                return
            }
            index = end
        }
    }

    /// From the EXIF chunk of a WebP: RIFF chunks of a name, a little-endian length, and data padded to even length.
    init(webP bytes: [UInt8]) {
        self = .up
        var index = 12
        while let length = bytes.integer(at: index + 4, count: 4, littleEndian: true) {
            let (start, end) = (index + 8, index + 8 + length)
            guard end <= bytes.count else { return }
            if bytes[index...].starts(with: "EXIF".utf8) {
                let data = bytes[start..<end]
                self.init(tiff: data.starts(with: "Exif\0\0".utf8) ? data.dropFirst(6) : data)
                return
            }
            index = end + length % 2
        }
    }

    /// From the TIFF structure that EXIF is: a byte order, and directories of entries of 12 bytes.
    init(tiff: ArraySlice<UInt8>) {
        self = .up
        let bytes = Array(tiff.prefix(64 << 10))
        let littleEndian = bytes.starts(with: "II".utf8)
        guard littleEndian || bytes.starts(with: "MM".utf8),
            bytes.integer(at: 2, count: 2, littleEndian: littleEndian) == 42,
            let directory = bytes.integer(at: 4, count: 4, littleEndian: littleEndian),
            let entries = bytes.integer(at: directory, count: 2, littleEndian: littleEndian)
        else { return }
        for entry in 0..<entries {
            let start = directory + 2 + entry * 12
            guard let tag = bytes.integer(at: start, count: 2, littleEndian: littleEndian) else { return }
            if tag == 0x0112, bytes.integer(at: start + 2, count: 2, littleEndian: littleEndian) == 3 {
                self.init(tag: bytes.integer(at: start + 8, count: 2, littleEndian: littleEndian) ?? 1)
                return
            }
        }
    }
}

extension [UInt8] {
    /// An unsigned integer of up to 4 bytes, or `nil` where it would reach past the end.
    fileprivate func integer(at index: Int, count: Int, littleEndian: Bool = false) -> Int? {
        guard index >= 0, index <= self.count - count else { return nil }
        let digits = self[index..<index + count]
        return littleEndian
            ? digits.reversed().reduce(0) { $0 << 8 | Int($1) } : digits.reduce(0) { $0 << 8 | Int($1) }
    }
}
