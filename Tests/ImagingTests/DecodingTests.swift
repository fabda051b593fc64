import Testing

@testable import Imaging

struct DecodingTests {
    @Test func `every flavour of JPEG, PNG and WebP decodes exactly as Pillow decodes it`() throws {
        let manifest = try Fixtures.manifest()
        #expect(manifest.decoding.count > 70)
        for fixture in manifest.decoding {
            let image = try ImageDecoder().decode(Fixtures.bytes(fixture.file))
            let expected = try fixture.expected()
            #expect(
                largestDifference(image, expected) == 0,
                "\(fixture.file): \(image.width) × \(image.height), expected \(fixture.width) × \(fixture.height)")
        }
    }

    @Test(arguments: [
        ("chelsea.jpg", 451, 300), ("coffee.jpg", 600, 400),
    ])
    func `the sample photos decode to their extents`(name: String, width: Int, height: Int) throws {
        let image = try ImageDecoder().decode(Fixtures.bytes(name))
        #expect(image.width == width)
        #expect(image.height == height)
    }
}
