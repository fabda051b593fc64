import Testing

@testable import Imaging

struct ImageLimitsTests {
    @Test func `a PNG of few bytes and 900 million pixels is refused from its header`() throws {
        let bytes = try Fixtures.bytes("30000x30000.png")
        #expect(bytes.count < 200)
        #expect(throws: ImageError.tooManyPixels(width: 30_000, height: 30_000, limit: 50_000_000)) {
            try ImageDecoder().decode(bytes)
        }
    }

    @Test(arguments: ["420.jpg", "420-progressive.jpg", "rgb8.png", "lossy.webp", "lossless.webp", "animated.webp"])
    func `pixels and sides are limited in every format`(name: String) throws {
        let bytes = try Fixtures.bytes(name)
        let image = try ImageDecoder().decode(bytes)
        let (width, height) = (image.width, image.height)
        let pixels = width * height
        let exact = ImageLimits(maximumPixels: pixels, maximumSide: width)
        #expect(try ImageDecoder(limits: exact).decode(bytes) == image)
        #expect(throws: ImageError.tooManyPixels(width: width, height: height, limit: pixels - 1)) {
            try ImageDecoder(limits: ImageLimits(maximumPixels: pixels - 1)).decode(bytes)
        }
        #expect(throws: ImageError.tooLarge(width: width, height: height, maximumSide: width - 1)) {
            try ImageDecoder(limits: ImageLimits(maximumSide: width - 1)).decode(bytes)
        }
        #expect(throws: ImageError.tooManyBytes(count: bytes.count, limit: bytes.count - 1)) {
            try ImageDecoder(limits: ImageLimits(maximumBytes: bytes.count - 1)).decode(bytes)
        }
    }

    @Test func `a JPEG whose header claims 65,000 × 65,000 pixels is refused`() throws {
        var bytes = try Fixtures.bytes("420.jpg")
        let frame = try #require(bytes.indices.first { bytes[$0...].starts(with: [0xFF, 0xC0]) })
        bytes.replaceSubrange(frame + 5..<frame + 9, with: [0xFD, 0xE8, 0xFD, 0xE8])
        #expect(throws: ImageError.tooManyPixels(width: 65_000, height: 65_000, limit: 50_000_000)) {
            try ImageDecoder().decode(bytes)
        }
    }

    @Test func `a progressive JPEG that repeats its last scan is refused`() throws {
        let bytes = try Fixtures.bytes("420-progressive.jpg")
        let scan = try #require(bytes.indices.last { bytes[$0...].starts(with: [0xFF, 0xDA]) })
        let lastScan = bytes[scan..<bytes.count - 2]
        let header = JPEGSegments(bytes, through: .file)
        #expect(header.scanCount == 10)
        let many = bytes.dropLast(2) + Array(repeating: lastScan, count: 1000).joined() + [0xFF, 0xD9]
        #expect(throws: ImageError.tooManyScans(count: 1010, limit: 64)) { try ImageDecoder().decode(Array(many)) }
    }
}
