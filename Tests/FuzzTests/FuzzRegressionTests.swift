import Foundation
import FuzzTargets
import Testing

/// What fuzzers found (`make fuzz`) stays repaired: the files of `Tests/Fixtures/fuzz/<target>`, which broke a reader once,
/// or together reach all of its code that fuzzing has reached.
struct FuzzRegressionTests {
    private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures")
    private static let folder = fixtures.appending(path: "fuzz")
    /// The targets that have such files.
    private static let targets: [FuzzTarget] = [
        .onnx, .keras, .http, .multipart, .json, .fields, .jpeg, .png, .webp,
    ]

    @Test(.timeLimit(.minutes(2)), arguments: targets) func `What fuzzing found is read`(_ target: FuzzTarget) throws {
        let files = try Self.files(in: Self.folder.appending(path: target.rawValue))
        #expect(!files.isEmpty)
        for file in files { try? target.read([UInt8](Data(contentsOf: file))) }
    }

    /// A folder of another name would be read by no test.
    @Test func `Every folder is a target's`() throws {
        let names = try Self.files(in: Self.folder).map(\.lastPathComponent)
        #expect(names.sorted() == Self.targets.map(\.rawValue).sorted())
    }

    private static func files(in folder: URL) throws -> [URL] {
        try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    }

    /// The seeds that fuzzing begins with: mistakes in the targets themselves show here.
    @Test(arguments: [
        (FuzzTarget.onnx, "models/resize_and_pad_axes_with_metadata.onnx"), (.npy, "models/array.npy"),
        (.keras, "keras/slide.h5"), (.jpeg, "images/420-progressive.jpg"), (.png, "images/palette1-interlaced.png"),
        (.webp, "images/lossy-alpha.webp"),
    ]) func `Readers read their own format`(target: FuzzTarget, seed: String) throws {
        try target.read([UInt8](Data(contentsOf: Self.fixtures.appending(path: seed))))
    }

    /// These hold other networks' weights than the target makes one of.
    @Test(arguments: [
        (FuzzTarget.safetensors, "models/tensors.safetensors"), (.pytorch, "pytorch/state_dict.pth"),
    ]) func `Readers of weights say which are missing`(target: FuzzTarget, seed: String) {
        #expect {
            try target.read([UInt8](Data(contentsOf: Self.fixtures.appending(path: seed))))
        } throws: { "\($0)".contains("'conv1.weight'") }
    }
}
