import Testing

@testable import Imaging

struct ResizeThenCropTests {
    /// Of pixels as they are.
    private func preprocessing(
        width: Int = 224, height: Int = 224, _ resize: Preprocessing.Resize = .resizeThenCrop,
        _ interpolation: Interpolation = .bilinear, cropFraction: Double = 0.875
    ) throws -> Preprocessing {
        try Preprocessing(
            width: width, height: height, resize: resize, interpolation: interpolation, cropFraction: cropFraction,
            mean: [0, 0, 0], standardDeviation: [1, 1, 1])
    }

    /// The order of Pillow's passes changed between its version there and the one that resizing follows.
    @Test func `pixels are those of timm and torchvision`() throws {
        let (cases, pixels) = try Fixtures.timm()
        #expect(cases.count == 38)
        var rest = pixels[...]
        for fixture in cases {
            let resize = try #require(Preprocessing.Resize(rawValue: fixture.resize))
            let tensor = try preprocessing(
                width: fixture.width, height: fixture.height, resize, fixture.interpolation,
                cropFraction: fixture.cropFraction
            ).tensor(try fixture.image())
            var difference: Float = 0
            for row in stride(from: 0, to: fixture.height, by: fixture.step) {
                for column in stride(from: 0, to: fixture.width, by: fixture.step) {
                    let first = 3 * (row * fixture.width + column)
                    for found in tensor[first..<first + 3] {
                        let expected = rest.popFirst()
                        difference = max(difference, abs(found - Float(try #require(expected))))
                    }
                }
            }
            #expect(difference <= 1, "\(fixture)")
        }
        #expect(rest.isEmpty)
    }

    /// By torchvision's `Resize(256)` and `CenterCrop(224)`: half of 385 − 224 = 161 is 80 there, half of 387 − 224 = 163
    /// is 82.
    @Test func `the shorter side is resized and the margins are halved as torchvision does`() throws {
        let preprocessing = try preprocessing()
        let cases: [(Int, Int, [Int], Int, Int)] = [
            (451, 300, [384, 256], 80, 16), (300, 451, [256, 384], 16, 80), (452, 300, [385, 256], 80, 16),
            (454, 300, [387, 256], 82, 16), (256, 256, [256, 256], 16, 16),
            (1, 32_768, [256, 8_388_608], 16, 4_194_192),
        ]
        for (width, height, resized, left, top) in cases {
            let framing = preprocessing.framing(width: width, height: height)
            #expect([framing.width, framing.height] == resized && (framing.left, framing.top) == (left, top))
            #expect(framing.part == CropBox(left: 0, top: 0, right: Float(width), bottom: Float(height)))
        }
        // 240 ÷ 0.8 is 300, which the nearest float32 of 0.8 would miss.
        let exact = try self.preprocessing(width: 240, height: 240, cropFraction: 0.8).framing(width: 500, height: 500)
        #expect(exact.width == 300 && exact.height == 300)
        let least = try self.preprocessing(cropFraction: .leastNonzeroMagnitude)
        #expect(least.framing(width: 32_768, height: 1).height == 1 << 24)
    }

    @Test func `corner views are cut out of the crop`() throws {
        let pixels: [UInt8] = (0..<256).flatMap { (index: Int) -> [UInt8] in [UInt8(index), UInt8(255 - index), 7] }
        let image = try #require(RGBImage(width: 16, height: 16, pixels: pixels))
        // 14 of 16 pixels are seen from (1, 1) on; of these, corner views show 12, enlarged to 14.
        let preprocessing = try preprocessing(width: 14, height: 14)
        for (view, left, top) in [
            (ImageView.upperLeft, Float(1), Float(1)), (.upperRight, 3, 1), (.lowerLeft, 1, 3), (.lowerRight, 3, 3),
        ] {
            let framing = preprocessing.framing(width: 16, height: 16, view: view)
            let box = CropBox(left: left, top: top, right: left + 12, bottom: top + 12)
            #expect(framing == Framing(part: box, width: 14, height: 14))
            let expected = image.resized(width: 14, height: 14, .bilinear, box: box)
            #expect(preprocessing.tensor(image, view: view) == expected.pixels.map(Float.init))
        }
        let whole = preprocessing.tensor(image)
        #expect(whole.prefix(3) == [17, 238, 7])
        #expect(preprocessing.tensor(image, view: .mirrored)[3 * 13..<3 * 14] == whole.prefix(3))
        let pixel = try #require(RGBImage(width: 1, height: 1, pixels: [9, 8, 7]))
        for view in ImageView.allCases {
            #expect(try self.preprocessing(width: 1, height: 1).tensor(pixel, view: view) == [9, 8, 7])
        }
    }

    @Test(arguments: [Preprocessing.Resize.resizeThenCrop, .squash], ImageView.allCases)
    func `every view lies inside a picture of any extents`(_ resize: Preprocessing.Resize, _ view: ImageView) throws {
        for fraction in [0.3, 0.875, 1] {
            let preprocessing = try preprocessing(width: 13, height: 8, resize, cropFraction: fraction)
            for (width, height) in [(1, 1), (3, 2), (7, 90), (331, 17), (1, 999)] {
                let image = RGBImage(
                    width: width, height: height, exactly: Array(repeating: 200, count: 3 * width * height))
                #expect(preprocessing.tensor(image, view: view) == Array(repeating: 200, count: 3 * 13 * 8))
            }
        }
    }
}
