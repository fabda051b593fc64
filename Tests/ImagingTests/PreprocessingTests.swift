import Testing

@testable import Imaging

struct PreprocessingTests {
    private func preprocessing(
        width: Int = 32, height: Int = 32, _ interpolation: Interpolation = .bicubic, cropFraction: Double = 0.875,
        mean: [Float] = [127, 127, 127], standardDeviation: [Float] = [128, 128, 128]
    ) throws -> Preprocessing {
        try Preprocessing(
            width: width, height: height, interpolation: interpolation, cropFraction: cropFraction, mean: mean,
            standardDeviation: standardDeviation)
    }

    @Test func `tensors equal those of Pillow and numpy`() throws {
        let manifest = try Fixtures.manifest()
        #expect(manifest.preprocessing.count == 8)
        for fixture in manifest.preprocessing {
            let image = try Fixtures.image(fixture.source, width: fixture.imageWidth, height: fixture.imageHeight)
            let tensor = try preprocessing(
                width: fixture.side, height: fixture.side, fixture.interpolation, cropFraction: fixture.cropFraction,
                mean: fixture.mean, standardDeviation: fixture.standardDeviation
            ).tensor(image)
            let expected = try Fixtures.floats(fixture.expected)
            #expect(tensor.count == expected.count)
            let difference = zip(tensor, expected).map { abs($0 - $1) }.max()
            #expect(difference == 0, "\(fixture.expected)")
        }
    }

    @Test func `blue first is red first, reversed`() throws {
        let fixture = try #require(try Fixtures.manifest().preprocessing.first { Set($0.mean).count == 3 })
        let image = try Fixtures.image(fixture.source, width: fixture.imageWidth, height: fixture.imageHeight)
        let bgr = try Preprocessing(
            width: fixture.side, height: fixture.side, interpolation: fixture.interpolation,
            cropFraction: fixture.cropFraction, isBlueFirst: true, mean: fixture.mean.reversed(),
            standardDeviation: fixture.standardDeviation.reversed())
        let expected = try Fixtures.floats(fixture.expected)
        let tensor = bgr.tensor(image)
        #expect(tensor.count == expected.count)
        #expect(tensor.indices.allSatisfy { tensor[$0] == expected[$0 / 3 * 3 + 2 - $0 % 3] })
    }

    @Test func `the crop is a centred square of whole pixels for a square input`() throws {
        for (width, height) in [(500, 334), (334, 500), (1920, 1281), (7, 7), (1, 1), (2, 9)] {
            let side = max(1, Int(Double(min(width, height)) * 0.875))
            let left = (width - side) / 2
            let top = (height - side) / 2
            let expected = CropBox(
                left: Float(left), top: Float(top), right: Float(left + side), bottom: Float(top + side))
            #expect(try preprocessing().framing(width: width, height: height).part == expected, "\(width) × \(height)")
        }
    }

    @Test func `the crop has the proportions of the input`() throws {
        func crop(_ preprocessing: Preprocessing, width: Int, height: Int) -> [Float] {
            let part = preprocessing.framing(width: width, height: height).part
            return [part.right - part.left, part.bottom - part.top]
        }
        let wide = try preprocessing(width: 64, height: 32, cropFraction: 0.5)
        #expect(crop(wide, width: 100, height: 100) == [50, 25])
        #expect(crop(wide, width: 400, height: 100) == [100, 50])
        let tall = try preprocessing(width: 32, height: 64, cropFraction: 1)
        #expect(crop(tall, width: 100, height: 100) == [50, 100])
        #expect(crop(tall, width: 100, height: 400) == [100, 200])
        #expect(crop(tall, width: 1, height: 1) == [1, 1])
    }

    @Test func `a picture of one pixel fills the input with its colour`() throws {
        let image = try #require(RGBImage(width: 1, height: 1, pixels: [255, 127, 63]))
        let tensor = try preprocessing(width: 5, height: 3).tensor(image)
        #expect(tensor == Array(repeating: [1, 0, -0.5], count: 15).flatMap { $0 })
    }

    @Test func `wrong values are named`() {
        #expect(throws: PreprocessingError.self) { try preprocessing(width: 0) }
        #expect(throws: PreprocessingError.self) { try preprocessing(height: .max) }
        #expect(throws: PreprocessingError.self) { try preprocessing(cropFraction: 1.01) }
        #expect(throws: PreprocessingError.self) { try preprocessing(cropFraction: .nan) }
        #expect(throws: PreprocessingError.self) { try preprocessing(mean: [.nan, 0, 0]) }
        let error = #expect(throws: PreprocessingError.self) { try preprocessing(standardDeviation: [1, 0, 1]) }
        #expect(
            error?.description
                == "preprocessing: expected standardDeviation to be 3 above 0, as many as means, found [1.0, 0.0, 1.0]")
        #expect(throws: PreprocessingError.self) { try preprocessing(mean: [0, 0]) }
    }

    /// Red, green, blue and white are 76, 150, 29 and 255, as Pillow's convert("L") has them.
    @Test func `a network of one channel sees grey`() throws {
        let image = try #require(
            RGBImage(width: 4, height: 1, pixels: [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255]))
        let grey = try Preprocessing(
            width: 4, height: 1, interpolation: .bilinear, cropFraction: 1, mean: [0], standardDeviation: [1])
        #expect(grey.tensor(image) == [76, 150, 29, 255])
        #expect(grey.tensor(image, view: .mirrored) == [255, 29, 150, 76])
    }

    @Test func `pixels of another count than the extents say are no picture`() {
        #expect(RGBImage(width: 2, height: 1, pixels: [0, 0, 0]) == nil)
        #expect(RGBImage(width: 0, height: 1, pixels: []) == nil)
        #expect(RGBImage(width: .max, height: .max, pixels: []) == nil)
    }
}
