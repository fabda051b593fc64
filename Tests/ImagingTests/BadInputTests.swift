import Testing

@testable import Imaging

struct BadInputTests {
    @Test func `no bytes are an error of their own`() {
        #expect(throws: ImageError.empty) { try ImageDecoder().decode([]) }
    }

    @Test func `a file cut anywhere is an error unless no pixel is missing`() throws {
        let decoder = ImageDecoder()
        var refused = 0
        for fixture in try Fixtures.manifest().decoding where !fixture.file.contains("bomb") {
            let bytes = try Fixtures.bytes(fixture.file)
            let whole = try decoder.decode(bytes)
            for length in 0..<bytes.count {
                do {
                    let image = try decoder.decode(Array(bytes.prefix(length)))
                    let isSame = image == whole || image == Self.turnedBack(whole, of: fixture.file)
                    #expect(isSame, "\(fixture.file) cut to \(length) of \(bytes.count) bytes decodes differently")
                } catch {
                    refused += 1
                }
            }
            let half = Array(bytes.prefix(bytes.count / 2))
            #expect(throws: ImageError.self, "\(fixture.file)") { try decoder.decode(half) }
        }
        #expect(refused > 50_000)
    }

    /// Metadata behind the pixels may be cut off, and the orientation with it.
    private static func turnedBack(_ image: RGBImage, of file: String) -> RGBImage? {
        switch file {
        case "exif6-after.png": image.upright(from: .leftBottom)
        case "exif8.webp": image.upright(from: .rightTop)
        default: nil
        }
    }

    @Test(arguments: ["420.jpg", "420-progressive.jpg", "grey.jpg", "cmyk.jpg", "restarts.jpg"])
    func `a JPEG without its last bytes is cut short, not grey at the bottom`(name: String) throws {
        let bytes = try Fixtures.bytes(name)
        for missing in 1...40 {
            let cut = Array(bytes.dropLast(missing))
            let error = #expect(throws: ImageError.self, "\(missing) bytes missing") { try ImageDecoder().decode(cut) }
            #expect(error == .broken(.jpeg, reason: "Premature end of JPEG file"), "\(missing) bytes missing")
        }
    }

    @Test func `stray bytes do not hide that a JPEG is cut short`() throws {
        let whole = try Fixtures.bytes("extraneous-bytes.jpg")
        #expect(throws: ImageError.self) { try ImageDecoder().decode(Array(whole.dropLast(2))) }
    }

    @Test func `flipped bits give an error or a picture, and in PNG an error or the same picture`() throws {
        var random = SplitMix64(state: 2024)
        let decoder = ImageDecoder(limits: ImageLimits(maximumPixels: 1 << 20))
        var refused = 0
        var read = 0
        for fixture in try Fixtures.manifest().decoding where !fixture.file.contains("bomb") {
            let bytes = try Fixtures.bytes(fixture.file)
            for _ in 0..<60 {
                var damaged = bytes
                for _ in 0..<Int.random(in: 1...3, using: &random) {
                    damaged[Int.random(in: 0..<bytes.count, using: &random)] ^=
                        1 << UInt8.random(in: 0..<8, using: &random)
                }
                do {
                    let image = try decoder.decode(damaged)
                    read += 1
                    if fixture.file.hasSuffix(".png"), !fixture.file.contains("exif") {
                        #expect(image.pixels == (try fixture.expected().pixels), "\(fixture.file)")
                    }
                } catch {
                    refused += 1
                }
            }
        }
        #expect(refused > 1000 && read > 100, "\(refused) refused, \(read) read")
    }

    @Test(arguments: ImageFormat.allCases)
    func `a signature alone is a broken file of its format`(format: ImageFormat) throws {
        let signatures: [ImageFormat: [UInt8]] = [
            .jpeg: [0xFF, 0xD8, 0xFF, 0xE0], .png: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A],
            .webP: Array("RIFF\u{4}\0\0\0WEBP".utf8),
        ]
        let bytes = try #require(signatures[format])
        let error = #expect(throws: ImageError.self) { try ImageDecoder().decode(bytes) }
        guard case .broken(format, let reason) = error else {
            Issue.record("expected a broken \(format.rawValue), found \(String(describing: error))")
            return
        }
        #expect(!reason.isEmpty)
    }
}
