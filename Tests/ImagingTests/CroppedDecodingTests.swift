import Testing

@testable import Imaging

struct CroppedDecodingTests {
    private func preprocessing(
        width: Int, height: Int, _ resize: Preprocessing.Resize, cropFraction: Double
    ) throws -> Preprocessing {
        try Preprocessing(
            width: width, height: height, resize: resize, interpolation: .bicubic, cropFraction: cropFraction,
            mean: [127, 127, 127], standardDeviation: [128, 128, 128])
    }

    /// The tensors of the whole picture are Pillow's (``DecodingTests``, ``PreprocessingTests``).
    @Test func `what is cropped away need not be decoded, in every flavour of JPEG`() throws {
        var cropped = 0
        for fixture in try Fixtures.manifest().decoding where fixture.file.hasSuffix(".jpg") {
            let bytes = try Fixtures.bytes(fixture.file)
            let whole = try ImageDecoder().decode(bytes)
            for (width, height) in [(whole.width / 2, whole.height / 2), (9, 40), (64, 16)] {
                for resize in Preprocessing.Resize.allCases {
                    for cropFraction in [0.3, 0.5, 0.875] {
                        let preprocessing = try preprocessing(
                            width: max(1, width), height: max(1, height), resize, cropFraction: cropFraction)
                        let part = try ImageDecoder().decode(bytes, for: preprocessing)
                        guard part.reduction.factor == 1 else { continue }
                        if part.pixels.count < whole.pixels.count { cropped += 1 }
                        let differing = ImageView.allCases.filter {
                            preprocessing.tensor(part, view: $0) != preprocessing.tensor(whole, view: $0)
                        }
                        #expect(differing == [], "\(fixture), \(width) × \(height), \(resize), \(cropFraction)")
                    }
                }
            }
        }
        #expect(cropped > 500)
    }

    @Test(arguments: ["chelsea.jpg", "coffee.jpg"], Preprocessing.Resize.allCases)
    func `a photo's middle is decoded alone`(name: String, resize: Preprocessing.Resize) throws {
        let bytes = try Fixtures.bytes(name)
        let whole = try ImageDecoder().decode(bytes)
        for cropFraction in [0.3, 0.6, 0.875] {
            let preprocessing = try preprocessing(width: 224, height: 160, resize, cropFraction: cropFraction)
            let part = try ImageDecoder().decode(bytes, for: preprocessing)
            #expect(part.pixels.count < whole.pixels.count)
            #expect(preprocessing.tensor(part) == preprocessing.tensor(whole), "\(cropFraction)")
        }
    }

    @Test func `a JPEG that is cut short below its middle is broken all the same`() throws {
        let bytes = try Fixtures.bytes("chelsea.jpg")
        let preprocessing = try preprocessing(width: 224, height: 224, .centerCrop, cropFraction: 0.3)
        for length in [bytes.count * 9 / 10, bytes.count - 3, bytes.count - 2, bytes.count - 1] {
            let cut = Array(bytes.prefix(length))
            let error = #expect(throws: ImageError.self, "\(length) bytes") {
                try ImageDecoder().decode(cut, for: preprocessing)
            }
            #expect(error == .broken(.jpeg, reason: "Premature end of JPEG file"), "\(length) bytes")
        }
        // Bytes behind the end are nobody's.
        #expect(throws: Never.self) { try ImageDecoder().decode(bytes + [0xFF, 1, 2], for: preprocessing) }
    }

    @Test func `a region turned upright and back is where it was`() {
        let region = PixelRegion(columns: 2..<5, rows: 1..<9)
        for orientation in Orientation.allCases {
            let upright = region.upright(from: orientation, width: 7, height: 10)
            let (width, height) = orientation.swapsSides ? (10, 7) : (7, 10)
            let turnedBack = upright.upright(from: orientation.inverse, width: width, height: height)
            #expect(turnedBack == region, "\(orientation)")
        }
        // A quarter turn clockwise puts the first row at the right.
        let topRow = PixelRegion(columns: 0..<7, rows: 0..<1)
        #expect(topRow.upright(from: .rightTop, width: 7, height: 10) == PixelRegion(columns: 9..<10, rows: 0..<7))
    }
}
