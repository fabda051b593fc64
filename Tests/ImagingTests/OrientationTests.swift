import Testing

@testable import Imaging

struct OrientationTests {
    /// A TIFF header and a directory of one entry.
    private func block(
        offset: UInt32 = 8, entries: UInt16 = 1, tag: UInt16 = 0x0112, type: UInt16 = 3, count: UInt32 = 1,
        value: UInt16 = 6
    ) -> [UInt8] {
        var bytes = Array("Exif\0\0II*\0".utf8)
        func append<Value: FixedWidthInteger>(_ value: Value) {
            bytes += (0..<Value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
        }
        append(offset)
        append(entries)
        append(tag)
        append(type)
        append(count)
        append(value)
        append(UInt16(0))
        return bytes
    }

    @Test func `an orientation is read with and without the Exif prefix`() {
        #expect(Orientation(exif: block()[...]) == .rightTop)
        #expect(Orientation(exif: block().dropFirst(6)) == .rightTop)
        #expect(Orientation(exif: block(value: 3)[...]) == .bottomRight)
    }

    @Test func `an unreadable block means upright`() {
        let blocks = [
            [], block(offset: .max), block(offset: 30), block(entries: 0), block(tag: 0x0113), block(type: 12),
            block(type: 0), block(count: 2), block(count: .max), block(value: 0), block(value: 9), block(value: .max),
        ]
        for bytes in blocks {
            #expect(Orientation(exif: bytes[...]) == .topLeft, "\(bytes)")
        }
        // Many entries announced, the wanted one the first: no need to read past it.
        #expect(Orientation(exif: block(entries: .max)[...]) == .rightTop)
        #expect(Orientation(exif: block(entries: .max, tag: 1)[...]) == .topLeft)
    }

    @Test func `a block cut before its value means upright`() {
        let whole = block()
        for length in 0..<whole.count - 2 {
            #expect(Orientation(exif: whole.prefix(length)) == .topLeft, "\(length) bytes")
        }
    }

    @Test func `a picture turned eight ways stands upright eight times`() throws {
        // Four different pixels around an arrow that points up; what each orientation stores is worked out by hand.
        let a: [UInt8] = [10, 0, 0], b: [UInt8] = [0, 20, 0], c: [UInt8] = [0, 0, 30]
        let d: [UInt8] = [40, 40, 0], e: [UInt8] = [0, 50, 50], f: [UInt8] = [60, 0, 60]
        let upright = RGBImage(width: 3, height: 2, exactly: a + b + c + d + e + f)
        let stored: [Orientation: (width: Int, pixels: [[UInt8]])] = [
            .topLeft: (3, [a, b, c, d, e, f]), .topRight: (3, [c, b, a, f, e, d]),
            .bottomRight: (3, [f, e, d, c, b, a]), .bottomLeft: (3, [d, e, f, a, b, c]),
            .leftTop: (2, [a, d, b, e, c, f]), .rightTop: (2, [c, f, b, e, a, d]),
            .rightBottom: (2, [f, c, e, b, d, a]), .leftBottom: (2, [d, a, e, b, f, c]),
        ]
        for orientation in Orientation.allCases {
            let (width, pixels) = try #require(stored[orientation])
            let image = RGBImage(width: width, height: 6 / width, exactly: Array(pixels.joined()))
            #expect(image.upright(from: orientation) == upright, "\(orientation)")
        }
    }
}
