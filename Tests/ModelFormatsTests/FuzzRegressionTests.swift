import Foundation
import FuzzTargets
import Testing

/// What a fuzzer once found (`make fuzz`) stays repaired: the files of `Tests/Fixtures/fuzz/<target>`.
struct FuzzRegressionTests {
    @Test(arguments: FuzzTarget.allCases)
    func filesThatOnceBrokeAReaderAreRead(_ target: FuzzTarget) throws {
        let folder = Fixture.folder.deletingLastPathComponent().appending(path: "fuzz/\(target)")
        let files = try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        for file in files ?? [] { try? target.read([UInt8](Data(contentsOf: file))) }
    }

    /// The seeds that fuzzing begins with: mistakes in the targets themselves show here.
    @Test func readersReadTheirOwnFormat() throws {
        let folder = Fixture.folder.deletingLastPathComponent()
        let seeds: [FuzzTarget: String] = [
            .onnx: "models/flatten_gemm_softmax.onnx", .safetensors: "models/tensors.safetensors",
            .npy: "models/array.npy", .pytorch: "pytorch/state_dict.pth", .keras: "keras/tiny.h5",
        ]
        for target in FuzzTarget.allCases {
            let seed = try #require(seeds[target])
            try target.read([UInt8](Data(contentsOf: folder.appending(path: seed))))
        }
    }
}
