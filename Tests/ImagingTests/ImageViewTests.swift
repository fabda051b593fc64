import Testing

@testable import Imaging

@Suite struct ImageViewTests {
    /// 16 × 16 pixels, each of another colour.
    private var image: RGBImage {
        get throws {
            let pixels: [UInt8] = (0..<256).flatMap { (index: Int) -> [UInt8] in [UInt8(index), UInt8(255 - index), 7] }
            return try #require(RGBImage(width: 16, height: 16, pixels: pixels))
        }
    }

    private func preprocessing(side: Int) throws -> Preprocessing {
        try Preprocessing(
            width: side, height: side, interpolation: .bilinear, cropFraction: 1, mean: [0, 0, 0],
            standardDeviation: [1, 1, 1])
    }

    @Test func `the mirror image has its columns in the other order`() throws {
        let (image, preprocessing) = (try image, try preprocessing(side: 16))
        let tensor = preprocessing.tensor(image)
        let mirrored = preprocessing.tensor(image, view: .mirrored)
        for row in 0..<16 {
            for column in 0..<16 {
                let (here, there) = (3 * (16 * row + column), 3 * (16 * row + 15 - column))
                #expect(mirrored[here..<here + 3].elementsEqual(tensor[there..<there + 3]))
            }
        }
    }

    /// Seven eighths of 16 pixels are 14: at 14 × 14 nothing is resampled.
    @Test(arguments: [
        (ImageView.upperLeft, 0, 0), (.upperRight, 0, 2), (.lowerLeft, 2, 0), (.lowerRight, 2, 2),
    ])
    func `a corner view is cut out of its corner`(_ view: ImageView, _ top: Int, _ left: Int) throws {
        let tensor = try preprocessing(side: 14).tensor(try image, view: view)
        for row in 0..<14 {
            for column in 0..<14 {
                #expect(tensor[3 * (14 * row + column)] == Float(16 * (row + top) + column + left))
            }
        }
    }

    @Test func `a view of a picture of one pixel is that pixel`() throws {
        let pixel = try #require(RGBImage(width: 1, height: 1, pixels: [9, 8, 7]))
        for view in ImageView.allCases {
            #expect(try preprocessing(side: 1).tensor(pixel, view: view) == [9, 8, 7])
        }
    }
}
