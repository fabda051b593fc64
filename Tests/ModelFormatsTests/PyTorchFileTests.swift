import Foundation
import Network
import Testing

@testable import ModelFormats

/// The files of Tests/Fixtures/make_pytorch_fixtures.py.
struct PyTorchFileTests {
    private struct Expected: Decodable {
        let shape: [Int]
        /// As `torch.dtype` spells it.
        let type: String
        /// Of the elements as float32.
        let bits: [Int32]
    }

    private static let folder = Fixture.folder.deletingLastPathComponent().appending(path: "pytorch")

    private static func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: folder.appending(path: name + ".pth")))
    }

    private func read(_ name: String) throws -> PyTorchFile {
        try PyTorchFile(try Self.bytes(name), name: "\(name).pth")
    }

    private func expectRefusal(
        _ bytes: [UInt8], mentioning words: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(sourceLocation: sourceLocation) { _ = try PyTorchFile(bytes, name: "made.pth") } throws: { error in
            error is ModelFormatError && (["made.pth"] + words).allSatisfy("\(error)".contains)
        }
    }

    @Test func allFilesHaveTheTensorsThatPyTorchReads() throws {
        let expected = try JSONDecoder().decode(
            [String: [String: Expected]].self, from: Data(contentsOf: Self.folder.appending(path: "expected.json")))
        #expect(expected.count == 14)
        for (name, tensors) in expected {
            let file = try read(name)
            #expect(file.shapes == tensors.mapValues(\.shape), "\(name)")
            for (key, tensor) in tensors {
                if tensor.type == "int64" {
                    #expect { try file.tensor(key, shape: tensor.shape) } throws: {
                        ["int64", key].allSatisfy("\($0)".contains)
                    }
                } else {
                    let values = try file.tensor(key, shape: tensor.shape).values
                    #expect(values.map { Int32(bitPattern: $0.bitPattern) } == tensor.bits, "\(name), \(key)")
                }
            }
        }
    }

    @Test func contiguousWeightsBorrowTheFile() throws {
        let contents = try FileContents(path: Self.folder.appending(path: "state_dict.pth").path)
        let tensor = try PyTorchFile(contents.bytes).tensor("0.weight", shape: [3, 2, 3, 3])
        let file = contents.withBytes(0..<contents.bytes.count) { UInt(bitPattern: $0.baseAddress) }
        let weights = tensor.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
        #expect((file..<file + UInt(contents.bytes.count)).contains(weights))
    }

    @Test func weightsAreReadByTheirFilesName() throws {
        let path = Self.folder.appending(path: "state_dict.pth").path
        let weights = try WeightsFile(path: path)
        #expect(weights.tensors is PyTorchFile)
        #expect(try weights.digest == FileContents(path: path).bytes.sha256())
        #expect(try WeightsFile(path: Fixture.path("tensors.safetensors")).tensors is SafetensorsFile)
    }

    @Test func aMissingTensorAndAnotherShapeAreNamed() throws {
        let file = try read("state_dict")
        #expect { try file.tensor("9.weight", shape: [1]) } throws: { error in
            ["'9.weight'", "no tensor of that name, but '0.weight'"].allSatisfy("\(error)".contains)
        }
        #expect { try file.tensor("fc.3.bias", shape: [1]) } throws: { "\($0)".contains("but '3.bias'") }
        #expect { try file.tensor("3.bias", shape: [3]) } throws: { error in
            ["3.bias", "[3]", "[2]"].allSatisfy("\(error)".contains)
        }
    }

    @Test func codeIsRefusedByItsName() throws {
        for name in ["bad_malicious", "bad_malicious_legacy", "bad_malicious_protocol4"] {
            expectRefusal(try Self.bytes(name), mentioning: "'posix.system'", "refuses to run")
        }
        expectRefusal(
            try Self.bytes("bad_whole_model"), mentioning: "'torch.nn.modules.container.Sequential'", "state_dict()")
        expectRefusal(try Self.bytes("bad_namespace"), mentioning: "'argparse.Namespace'")
    }

    @Test func filesOfOtherKindsAreRefusedByName() throws {
        expectRefusal(try Self.bytes("bad_compressed"), mentioning: "data.pkl", "compressed")
        expectRefusal(try Self.bytes("bad_torchscript"), mentioning: "TorchScript")
        expectRefusal(try Self.bytes("bad_no_tensors"), mentioning: "no tensors", "'state_dict'")
        expectRefusal(
            try Self.bytes("bad_bare_pickle"), mentioning: "a pickle that torch.save did not write",
            "torch.save(model.state_dict(), path)")
        expectRefusal([], mentioning: "torch.save")
    }

    @Test func sizesThatLieAreRefused() throws {
        expectRefusal(try Self.bytes("bad_short_storage"), mentioning: "'w'", "24 bytes", "20")
        expectRefusal(try Self.bytes("bad_expanded"), mentioning: "[1048576, 1048576]", "1 elements")
    }

    /// No `torch.save` writes such a file; thousands of entries could be the same gigabyte.
    @Test func entriesThatOverlapAreRefused() throws {
        let shape = [2, 3]
        var file = KerasFixture.zip([
            ("a/data.pkl", HandmadePickle.stateDict(shape)), ("a/data/0", Array(repeating: 0, count: 24)),
            ("a/data/1", Array(repeating: 0, count: 24)),
        ])
        _ = try PyTorchFile(file, name: "made.pth")
        let records = file.indices.dropLast(3).filter { Array(file[$0..<$0 + 4]) == [0x50, 0x4B, 1, 2] }
        try #require(records.count == 3)
        // Both directory records lead to the same header.
        file.replaceSubrange(records[2] + 42..<records[2] + 46, with: file[records[1] + 42..<records[1] + 46])
        expectRefusal(file, mentioning: "'a/data/0'", "'a/data/1'", "bytes of its own")
    }

    /// 32 MB that lie across a cut, 30,000 times: each view copied all of it, a terabyte together.
    @Test(.timeLimit(.minutes(1))) func aSmallViewOfALargeStorageReadsLittle() throws {
        try withTemporaryFolder { folder in
            let path = folder.appending(path: "storage").path
            let count = 16 << 20
            try #require(
                FileManager.default.createFile(atPath: path, contents: nil) && truncate(path, 2 * off_t(count)) == 0)
            let file = try FileContents(path: path) { _ in [count + 1..<2 * count] }
            let storage = PyTorchStorage(key: "0", type: .bfloat16, count: count)
            for offset in 0..<30_000 {
                let view = try #require(
                    PyTorchTensor(
                        storage: storage, offset: count / 2 - 15_000 + offset, shape: [1, 2], strides: [9, 3]))
                try #require(try view.floats(in: file.bytes)?.values == [0, 0])
            }
        }
    }

    @Test(arguments: ["checkpoint", "views", "types", "legacy"])
    func damagedFilesNeverCrash(_ name: String) throws {
        let bytes = try Self.bytes(name)
        let size = bytes.count
        Fixture.damaged(bytes, flips: 2000) { bytes in
            guard let file = try? PyTorchFile(bytes, name: "made.pth") else { return }
            #expect(bytes.count == size, "a file that is cut off has its directory or storages elsewhere")
            for (name, shape) in file.shapes { _ = try? file.tensor(name, shape: shape).values }
        }
    }
}
