import Compute
import Foundation
import Network
import Testing

@testable import ModelFormats

struct ExternalDataTests {
    /// A dense layer of two float16 weights, 1.5 and −2, that lie behind two bytes of another file.
    private func model(
        in folder: URL, weights: [UInt8] = [9, 9, 0x00, 0x3E, 0x00, 0xC0], offset: Int = 2
    ) throws -> String {
        var model = HandmadeONNX(inputShape: [2, 1, 1])
        model.initializer("w", type: 10, shape: [2, 1], in: "weights.bin", offset: offset)
        model.node("Flatten", ["x"], "flat")
        model.node("Gemm", ["flat", "w"], "y")
        try Data(model.bytes).write(to: folder.appending(path: "model.onnx"))
        try Data(weights).write(to: folder.appending(path: "weights.bin"))
        return folder.appending(path: "model.onnx").path
    }

    @Test func `weights in a file beside the model are read and are part of its digest`() throws {
        try withTemporaryFolder { folder in
            let path = try model(in: folder)
            let first = try Model.load(path)
            let plan = try Plan(first.graph, pool: ComputePool(threads: 1), kernels: KernelTable.selected)
            #expect(try plan.run(input: [10, 3], images: 1, layers: [plan.outputName]) == [[9]])
            _ = try model(in: folder, weights: [9, 9, 0x00, 0x3E, 0x00, 0x40])
            #expect(try Model.load(path).digest != first.digest)
        }
    }

    @Test func `a symbolic link is refused`() throws {
        try withTemporaryFolder { folder in
            let path = try model(in: folder)
            let file = folder.appending(path: "weights.bin")
            try FileManager.default.removeItem(at: file)
            try FileManager.default.createSymbolicLink(at: file, withDestinationURL: URL(filePath: "/etc/passwd"))
            #expect { try Model.load(path) } throws: { error in
                ["model.onnx", "tensor 'w'", "symbolic link"].allSatisfy("\(error)".contains)
            }
        }
    }

    /// What cannot be borrowed is copied, or widened: many tensors may be made of the same bytes, and count each time.
    @Test(arguments: [(type: 1, offset: 4, fit: 30), (1, 2, 20), (2, 0, 8), (10, 0, 16)])
    func `tensors of the same bytes count for each copy`(_ type: Int, _ offset: Int, _ fit: Int) throws {
        try withTemporaryFolder { folder in
            let (size, width) = (4 << 20, [1: 4, 2: 1, 10: 2][type] ?? 1)
            var model = HandmadeONNX(inputShape: [3, 8, 8])
            let names = (0..<30).map { "c\($0)" }
            let length = size - offset - 4
            for name in names {
                model.initializer(
                    name, type: type, shape: [length / width], in: "w.bin", offset: offset,
                    length: length / width * width)
            }
            model.initializer("decoy", type: 1, shape: [1 << 18], in: "w.bin", offset: 0, length: 1 << 20)
            model.node("Sum", ["x"] + names, "y")
            let path = folder.appending(path: "m.onnx").path
            try Data(model.bytes).write(to: URL(filePath: path))
            let weights = folder.appending(path: "w.bin").path
            try #require(FileManager.default.createFile(atPath: weights, contents: nil))
            try #require(truncate(weights, off_t(size)) == 0)
            // All are borrowed, also where another overlaps them, and refused for their shapes alone.
            let words = type == 1 && offset == 4 ? ["'Sum'", "broadcast"] : ["tensor 'c\(fit)'", "64 MiB"]
            #expect { try Model.load(path) } throws: { words.allSatisfy("\($0)".contains) }
        }
    }

    @Test func `a file that is too short or absent is refused by its name`() throws {
        try withTemporaryFolder { folder in
            for (weights, offset) in [([1, 2, 3] as [UInt8], 0), ([1, 2, 3, 4], 2), ([1, 2], 9)] {
                let path = try model(in: folder, weights: weights, offset: offset)
                #expect { try Model.load(path) } throws: { "\($0)".contains("'w'") }
            }
            let path = try model(in: folder)
            let weights = folder.appending(path: "weights.bin").path
            try FileManager.default.removeItem(atPath: weights)
            #expect { try Model.load(path) } throws: { error in
                ["model.onnx: tensor 'w': its data in '", "weights.bin': cannot open"].allSatisfy("\(error)".contains)
            }
            try #require(mkfifo(weights, 0o600) == 0)
            #expect { try Model.load(path) } throws: { error in
                ["model.onnx: tensor 'w': its data in '", "weights.bin': not a regular file"].allSatisfy(
                    "\(error)".contains)
            }
        }
    }
}
