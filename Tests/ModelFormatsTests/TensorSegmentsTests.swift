import Foundation
import Network
import Testing

@testable import Compute
@testable import ModelFormats

/// A large tensor of any format has memory of its own, which can be given back while it is packed.
struct TensorSegmentsTests {
    /// `[outputs, inputs]`, 1.4 MB.
    private static let shape = [700, 500]
    private static let count = 700 * 500
    private static let values = (0..<count).map { Float($0 % 1009) / 1009 - 0.5 }
    private static let payload = values.withUnsafeBytes { Array($0) }

    private enum Format: CaseIterable { case safetensors, zip, legacy, onnx, external, product }

    /// The tensor as a file has it, and whatever keeps the file alive.
    private func read(_ format: Format) throws -> (tensor: Tensor, owner: Any) {
        try withTemporaryFolder { folder in
            func write(_ name: String, _ bytes: [UInt8]) throws -> String {
                let url = folder.appending(path: name)
                try Data(bytes).write(to: url)
                return url.path
            }
            switch format {
            case .safetensors:
                let bytes = try SafetensorsWriter.serialize(["w": Tensor(shape: Self.shape, values: Self.values)])
                let file = try SafetensorsFile(path: try write("w.safetensors", bytes))
                return (try file.tensor("w", shape: Self.shape), file)
            case .zip:
                let entries = [("a/data.pkl", HandmadePickle.stateDict(Self.shape)), ("a/data/0", Self.payload)]
                let file = try PyTorchFile(path: try write("w.pth", KerasFixture.zip(entries)))
                return (try file.tensor("w", shape: Self.shape), file)
            case .legacy:
                let bytes = HandmadePickle.legacyFile(Self.shape, Self.payload)
                let file = try PyTorchFile(path: try write("w.pth", bytes))
                return (try file.tensor("w", shape: Self.shape), file)
            case .onnx, .external, .product:
                var model = HandmadeONNX(inputShape: [Self.shape[1], 1, 1])
                switch format {
                case .product:
                    let rows = try Tensor(shape: Self.shape, values: Self.values)
                    model.initializer("w", try rows.transposed())
                case .external:
                    // At a place that is a multiple of nothing.
                    _ = try write("w.bin", [1, 2, 3] + Self.payload)
                    model.initializer("w", type: 1, shape: Self.shape, in: "w.bin", offset: 3)
                default: model.initializer("w", try Tensor(shape: Self.shape, values: Self.values))
                }
                model.node("Flatten", ["x"], "flat")
                if format == .product {
                    model.node("MatMul", ["flat", "w"], "y")
                } else {
                    model.node("Gemm", ["flat", "w"], "y", attributes: [HandmadeONNX.attribute("transB", integer: 1)])
                }
                let path = try write("w.onnx", model.bytes)
                let file = try FileContents(path: path, payloads: ONNXPayloads.ranges)
                let parsed = try ONNXModel(file.bytes)
                let graph = try ONNXReader.graph(of: parsed)
                let dense = graph.nodes.compactMap { if case .dense(let dense) = $0.operation { dense } else { nil } }
                return (try #require(dense.first).weights, parsed)
            }
        }
    }

    private func isDiscarded(_ tensor: consuming Tensor) -> Bool {
        tensor.allowDiscarding()
        tensor.discard(first: tensor.count)
        // All but parts of pages.
        return tensor.withMemory { $0.dropFirst(1024).dropLast(1024).allSatisfy { $0 == 0 } }
    }

    @Test(arguments: Format.allCases) private func `a large tensor begins at a page`(_ format: Format) throws {
        let (tensor, _) = try read(format)
        #expect(tensor.values == Self.values)
        #expect(tensor.withMemory { UInt(bitPattern: $0.baseAddress) } % 4096 == 0)
    }

    @Test(arguments: Format.allCases) private func `its memory is given back once the file has gone`(
        _ format: Format
    ) throws {
        func tensor() throws -> Tensor { try read(format).tensor }
        #expect(isDiscarded(try tensor()))
    }

    @Test(arguments: Format.allCases) private func `its memory stays while the file may be read again`(
        _ format: Format
    ) throws {
        var (tensor, owner) = try read(format)
        tensor.allowDiscarding()
        tensor.discard(first: tensor.count)
        #expect(tensor.values == Self.values)
        withExtendedLifetime(owner) {}
    }

    @Test func `tensors that share a segment are not given back while both are there`() throws {
        func tensors() throws -> (Tensor, Tensor) {
            try withTemporaryFolder { folder in
                let path = folder.appending(path: "shared").path
                try Data(Self.payload).write(to: URL(filePath: path))
                let bytes = try FileContents(path: path) { _ in [0..<Self.payload.count] }.bytes
                let half = Self.payload.count / 2
                return (
                    try bytes[0..<half].tensor(shape: [Self.count / 2]),
                    try bytes[half..<2 * half].tensor(shape: [Self.count / 2])
                )
            }
        }
        var (first, second) = try tensors()
        first.allowDiscarding()
        first.discard(first: first.count)
        second.allowDiscarding()
        second.discard(first: second.count)
        #expect(first.values + second.values == Self.values)
        // The last one has the memory for itself.
        func last() throws -> Tensor { try tensors().1 }
        #expect(isDiscarded(try last()))
    }

    /// Such a model was refused: what it may allocate was told from the size of the file without its weights.
    @Test func `weights in another file count as the model's own`() throws {
        try withTemporaryFolder { folder in
            var model = HandmadeONNX(inputShape: [2048, 1, 1])
            model.initializer("w", type: 1, shape: [2048, 2048, 1, 1], in: "w.bin", offset: 0)
            // 16 MiB, five times: more than a small file may ask for.
            let values = ["x", "a", "b", "c", "d", "y"]
            for (input, output) in zip(values, values.dropFirst()) { model.node("Conv", [input, "w"], output) }
            let weights = folder.appending(path: "w.bin").path
            try #require(FileManager.default.createFile(atPath: weights, contents: nil))
            try #require(truncate(weights, 16 << 20) == 0)
            try Data(model.bytes).write(to: folder.appending(path: "model.onnx"))
            #expect(try ONNXReader.read(folder.appending(path: "model.onnx").path).nodes.count == 5)
        }
    }

    @Test func `a damaged header gives hints that do no harm`() throws {
        var model = HandmadeONNX(inputShape: [Self.shape[1], 1, 1])
        model.initializer("w", try Tensor(shape: Self.shape, values: Self.values))
        model.node("Flatten", ["x"], "flat")
        model.node("Gemm", ["flat", "w"], "y", attributes: [HandmadeONNX.attribute("transB", integer: 1)])
        for (name, bytes) in [
            ("w.onnx", model.bytes), ("w.pth", HandmadePickle.legacyFile(Self.shape, Self.payload)),
            ("w.safetensors", try SafetensorsWriter.serialize(["w": Tensor(shape: Self.shape, values: Self.values)])),
        ] {
            let header = bytes.count - Self.payload.count
            try withTemporaryFolder { folder in
                let url = folder.appending(path: name)
                for bit in stride(from: 0, to: min(8 * header, 2400), by: 7) {
                    var damaged = bytes
                    damaged[bit / 8] ^= 1 << (bit % 8)
                    try Data(damaged).write(to: url)
                    let result = Result { try Self.tensor(in: url.path) }
                    let plain = Result { try Self.tensor(in: name, of: damaged) }
                    #expect((try? result.get()) == (try? plain.get()), "\(name), bit \(bit)")
                }
            }
        }
    }

    private static func tensor(in path: String, of contents: [UInt8]? = nil) throws -> [Float] {
        if path.hasSuffix(".onnx") {
            let graph = try contents.map { try ONNXReader.read($0, name: path) } ?? ONNXReader.read(path)
            let dense = graph.nodes.compactMap { if case .dense(let dense) = $0.operation { dense } else { nil } }
            return dense.first?.weights.values ?? []
        }
        let source: any TensorSource =
            if path.hasSuffix(".pth") {
                try contents.map { try PyTorchFile($0, name: path) } ?? PyTorchFile(path: path)
            } else {
                try contents.map { try SafetensorsFile($0, name: path) } ?? SafetensorsFile(path: path)
            }
        return try source.tensor("w", shape: shape).values
    }
}
