import Testing

@testable import Imaging

struct ReducedDecodingTests {
    private func preprocessing(side: Int, _ resize: Preprocessing.Resize = .centerCrop) throws -> Preprocessing {
        try Preprocessing(
            width: side, height: side, resize: resize, interpolation: .bicubic, cropFraction: 0.875,
            mean: [127, 127, 127], standardDeviation: [128, 128, 128])
    }

    private func cosine(_ a: [Float], _ b: [Float]) -> Double {
        func dot(_ a: [Float], _ b: [Float]) -> Double { zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
        return dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot()
    }

    @Test(arguments: ["chelsea.jpg", "coffee.jpg"], 1...8)
    func `a photo decoded smaller gives the same tensor, whichever way it is turned`(name: String, turn: Int) throws {
        let plain = try Fixtures.bytes(name)
        let exif: [UInt8] =
            [0xFF, 0xE1, 0, 34] + Array("Exif\0\0II*\0\u{8}\0\0\0\u{1}\0\u{12}\u{1}\u{3}\0\u{1}\0\0\0".utf8)
            + [UInt8(turn), 0, 0, 0, 0, 0, 0, 0]
        let bytes = plain[..<2] + exif + plain[2...]
        let full = try ImageDecoder().decode(Array(bytes))
        for (side, factor) in [(52, 2), (21, 4)] {
            for resize in Preprocessing.Resize.allCases {
                let preprocessing = try preprocessing(side: side, resize)
                let reduced = try ImageDecoder().decode(Array(bytes), for: preprocessing)
                #expect(reduced.reduction.factor == factor)
                #expect(reduced.width <= (full.width + factor - 1) / factor)
                #expect(reduced.height <= (full.height + factor - 1) / factor)
                let similarity = cosine(preprocessing.tensor(full), preprocessing.tensor(reduced))
                #expect(similarity > 0.9995, "\(resize), \(side): \(similarity)")
            }
        }
    }

    @Test(arguments: Preprocessing.Resize.allCases)
    func `a photo is not decoded smaller than its tensor allows`(resize: Preprocessing.Resize) throws {
        let preprocessing = try preprocessing(side: 224, resize)
        #expect(preprocessing.reductionFactor(width: 1280, height: 1280) == 2)
        #expect(preprocessing.reductionFactor(width: 1279, height: 5000) == 1)
        #expect(preprocessing.reductionFactor(width: 3072, height: 3072) == 4)
        #expect(preprocessing.reductionFactor(width: 3071, height: 3071) == 2)
        #expect(preprocessing.reductionFactor(width: 30_000, height: 30_000) == 4)
        #expect(preprocessing.reductionFactor(width: 1, height: 1) == 1)
        let bytes = try Fixtures.bytes("chelsea.jpg")
        #expect(try ImageDecoder().decode(bytes, for: preprocessing).reduction.factor == 1)
    }
}
