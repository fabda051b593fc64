import Compute
import Foundation
import Imaging
import Inference
import Service
import Testing

/// From a model folder's `config.json` to the pixels that its network reads.
struct ConfiguredPreprocessingTests {
    private static let inTheBox = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "models/efficientnet-lite0")

    /// The model in the box, made of links to its files, with its means, their order and its resize replaced.
    private func preprocessing(_ order: String, resize: String = "center_crop") throws -> Preprocessing {
        let manager = FileManager.default
        let folder = manager.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
        try manager.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? manager.removeItem(at: folder) }
        for name in try manager.contentsOfDirectory(atPath: Self.inTheBox.path) where name != "config.json" {
            try manager.createSymbolicLink(
                at: folder.appending(path: name), withDestinationURL: Self.inTheBox.appending(path: name))
        }
        let config = try String(contentsOf: Self.inTheBox.appending(path: "config.json"), encoding: .utf8)
        let replaced = config.replacing(#/"color_order": "RGB"/#, with: "\"color_order\": \"\(order)\"")
            .replacing(#/"resize": "center_crop"/#, with: "\"resize\": \"\(resize)\"")
            .replacing(#/"mean": \[[^\]]*\]/#, with: "\"mean\": [103.939, 116.779, 123.68]")
            .replacing(#/"standard_deviation": \[[^\]]*\]/#, with: "\"standard_deviation\": [1, 1, 1]")
        try replaced.write(to: folder.appending(path: "config.json"), atomically: true, encoding: .utf8)
        return try LoadedModel(path: folder.path, kernels: KernelTable.selected).preprocessing()
    }

    /// `keras.applications.vgg16.preprocess_input` of a pixel (200, 100, 50): (50 − 103.939, 100 − 116.779, 200 − 123.68).
    @Test func caffesOrderAndMeansAreThoseOfKeras() throws {
        let image = try #require(RGBImage(width: 1, height: 1, pixels: [200, 100, 50]))
        let expected: [Float] = [-53.939, -16.779, 76.32]
        let found = try preprocessing("BGR").tensor(image).prefix(3)
        #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-4 }, "\(found)")
        let red = try preprocessing("RGB").tensor(image).prefix(3)
        #expect(zip(red, [96.061, -16.779, -73.68] as [Float]).allSatisfy { abs($0 - $1) < 1e-4 }, "\(red)")
    }

    @Test func theResizeIsTheConfigurations() throws {
        #expect(try preprocessing("RGB").resize == .centerCrop)
        #expect(try preprocessing("RGB", resize: "resize_then_crop").resize == .resizeThenCrop)
        #expect(try preprocessing("RGB", resize: "squash").resize == .squash)
    }

    @Test func anotherOrderIsRefusedWithThoseThatAreRead() {
        #expect { try preprocessing("GBR") } throws: { "\($0)".contains("'GBR'; supported: 'RGB', 'BGR'") }
    }
}
