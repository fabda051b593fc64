import Foundation
import Testing

@testable import Imaging

/// Tests/Fixtures/images, made by Tests/Fixtures/make_image_fixtures.py.
enum Fixtures {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Fixtures/images")

    static func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appending(path: name)))
    }

    static func floats(_ name: String) throws -> [Float] {
        try bytes(name).withUnsafeBytes { buffer in
            stride(from: 0, to: buffer.count, by: 4).map { offset in
                Float(bitPattern: UInt32(littleEndian: buffer.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
            }
        }
    }

    static func image(_ name: String, width: Int, height: Int) throws -> RGBImage {
        RGBImage(width: width, height: height, exactly: try bytes(name))
    }

    static func manifest() throws -> Manifest {
        try JSONDecoder().decode(Manifest.self, from: Data(bytes("manifest.json")))
    }

    struct Manifest: Decodable {
        var decoding: [Decoding]
        var resizing: [Resizing]
        var preprocessing: [Preprocessed]
    }

    /// A file, and where in decoded.rgb Pillow's pixels of it begin.
    struct Decoding: Decodable, CustomTestStringConvertible {
        var file: String
        var width: Int
        var height: Int
        var offset: Int

        var testDescription: String { file }

        func expected() throws -> RGBImage {
            let all = try Fixtures.bytes("decoded.rgb")
            return RGBImage(width: width, height: height, exactly: Array(all[offset..<offset + 3 * width * height]))
        }
    }

    /// Pillow's results for all cases, one after the other in `expected`.
    struct Resizing: Decodable {
        var source: String
        var width: Int
        var height: Int
        var interpolation: Interpolation
        var expected: String
        var cases: [Case]

        struct Case: Decodable {
            var box: [Float]
            var width: Int
            var height: Int
        }
    }

    /// What timm makes of pictures, made by Tests/Fixtures/make_timm_fixtures.py; and all its pixels, case after case.
    static func timm() throws -> (cases: [TimmCase], pixels: [UInt8]) {
        (try JSONDecoder().decode([TimmCase].self, from: Data(bytes("timm.json"))), try bytes("timm.rgb"))
    }

    struct TimmCase: Decodable {
        /// A JPEG, or bare pixels.
        var source: String
        var imageWidth: Int
        var imageHeight: Int
        var resize: String
        var width: Int
        var height: Int
        var cropFraction: Double
        var interpolation: Interpolation
        /// Of the result, every so many-th pixel of every so many-th row is there.
        var step: Int

        func image() throws -> RGBImage {
            guard source.hasSuffix(".rgb") else { return try ImageDecoder().decode(bytes(source)) }
            return try Fixtures.image(source, width: imageWidth, height: imageHeight)
        }
    }

    struct Preprocessed: Decodable {
        var source: String
        var imageWidth: Int
        var imageHeight: Int
        var side: Int
        var cropFraction: Double
        var interpolation: Interpolation
        var mean: [Float]
        var standardDeviation: [Float]
        var expected: String
    }
}

/// The largest difference between two pictures of the same extents, in levels; `nil` where the extents differ.
func largestDifference(_ a: RGBImage, _ b: RGBImage) -> Int? {
    guard a.width == b.width, a.height == b.height else { return nil }
    return zip(a.pixels, b.pixels).map { abs(Int($0) - Int($1)) }.max()
}
