import Foundation
import FuzzTargets
import Testing

/// What a fuzzer once found (`make fuzz`) stays repaired: the files of `Tests/Fixtures/fuzz/<target>`.
struct FuzzRegressionTests {
    private static let folder = Fixture.folder.deletingLastPathComponent().appending(path: "fuzz")
    /// The targets that something has broken so far.
    private static let broken = [FuzzTarget.onnx, .keras]

    @Test(.timeLimit(.minutes(2)), arguments: broken)
    func filesThatOnceBrokeAReaderAreRead(_ target: FuzzTarget) throws {
        let files = try Self.files(in: Self.folder.appending(path: target.rawValue))
        #expect(!files.isEmpty)
        for file in files { try? target.read([UInt8](Data(contentsOf: file))) }
    }

    /// A folder of another name would be read by no test.
    @Test func everyFolderIsATargets() throws {
        let names = try Self.files(in: Self.folder).map(\.lastPathComponent)
        #expect(names.sorted() == Self.broken.map(\.rawValue).sorted())
    }

    private static func files(in folder: URL) throws -> [URL] {
        try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    }

    /// The seeds that fuzzing begins with: mistakes in the targets themselves show here.
    @Test func readersReadTheirOwnFormat() throws {
        let folder = Fixture.folder.deletingLastPathComponent()
        for (target, seed) in [
            (FuzzTarget.onnx, "models/resize_and_pad_axes_with_metadata.onnx"), (.npy, "models/array.npy"),
            (.keras, "keras/slide.h5"),
        ] { try target.read([UInt8](Data(contentsOf: folder.appending(path: seed)))) }
        // These hold other networks' weights than the target makes one of.
        for (target, seed) in [
            (FuzzTarget.safetensors, "models/tensors.safetensors"), (.pytorch, "pytorch/state_dict.pth"),
        ] {
            #expect {
                try target.read([UInt8](Data(contentsOf: folder.appending(path: seed))))
            } throws: { "\($0)".contains("'conv1.weight'") }
        }
    }
}
