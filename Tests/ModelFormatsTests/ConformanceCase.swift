import Compute
import Foundation
import Network

@testable import ModelFormats

/// One of ONNX's conformance cases: a network, its inputs, and what it must give.
struct ConformanceCase {
    enum Outcome {
        case passed(way: String)
        case skipped(reason: String)
        case failed(reason: String)
    }

    let folder: URL

    /// How the inputs are given.
    enum Way: String, CaseIterable {
        case images = "the first input is a batch of images"
        case array = "the first input is one array"
        case constants = "all inputs are constants"
    }

    func run() -> Outcome {
        if let reason = SkippedCases.reason(folder.lastPathComponent) { return .skipped(reason: reason) }
        var reasons: [String] = []
        for way in Way.allCases {
            do {
                if let mismatch = try mismatch(way) {
                    reasons.append("\(way): \(mismatch)")
                } else {
                    return .passed(way: way.rawValue)
                }
            } catch { reasons.append("\(way): \(error)") }
        }
        return .failed(reason: reasons.joined(separator: "\n    "))
    }

    private func mismatch(_ way: Way) throws -> String? {
        for set in 0..<9 {
            let data = folder.appending(path: "test_data_set_\(set)")
            guard FileManager.default.fileExists(atPath: data.path) else {
                if set == 0 { return "there are no data" }
                break
            }
            let outputs = SkippedCases.hasFirstOutputOnly(folder.lastPathComponent) ? 1 : 32
            for output in 0..<outputs {
                let file = data.appending(path: "output_\(output).pb")
                guard FileManager.default.fileExists(atPath: file.path) else {
                    if output == 0 { return "there is no output" }
                    break
                }
                let expected = try ONNXTensor(try FileContents(path: file.path).bytes).numbers()
                if let mismatch = try mismatch(way, data, output: output, expected) { return mismatch }
            }
        }
        return nil
    }

    private func mismatch(_ way: Way, _ data: URL, output: Int, _ expected: Tensor) throws -> String? {
        // PyTorch's cases are of operator set 6 and use nothing that 7 changed.
        var model = try ONNXModel(
            try FileContents(path: folder.appending(path: "model.onnx").path).bytes, oldest: 6)
        model.operatorSet = max(7, model.operatorSet)
        guard model.graph.outputs.indices.contains(output) else { return "the network has no output \(output)" }
        model.graph.outputs = [model.graph.outputs[output]]
        let initializers = Set(model.graph.initializers.map(\.name))
        let names = model.graph.inputs.map(\.name).filter { !initializers.contains($0) }
        var inputs: [ONNXTensor] = []
        for index in names.indices {
            let file = data.appending(path: "input_\(index).pb")
            guard FileManager.default.fileExists(atPath: file.path) else { continue }
            inputs.append(try ONNXTensor(try FileContents(path: file.path).bytes))
        }
        for (name, tensor) in zip(names, inputs).dropFirst(way == .constants ? 0 : 1) {
            model.graph.initializers.append(tensor.named(name))
        }
        // The weights of the light networks are made by operators, from a few bytes.
        let graph = try ONNXReader.graph(of: model, isBatch: way == .images, constantLimit: 1 << 31)
        let input = way == .constants ? nil : try inputs.first?.numbers()
        let images = way == .images ? input?.shape.first ?? 1 : 1
        let numbers = input.map { channelsLast($0, images: images) } ?? [0]
        var found: [Float] = []
        for kernels in KernelTable.available {
            let plan = try Plan(graph, pool: ComputePool(threads: 2), kernels: KernelTable.select(named: kernels))
            found = try plan.run(input: numbers, images: images, layers: [plan.outputName])[0]
            let shape = (way == .images ? [images] : []) + plan.outputShape
            guard shape == expected.shape else { return "shape \(shape), expected \(expected.shape)" }
            if let mismatch = Self.mismatch(found, expected.values) { return "\(kernels): \(mismatch)" }
        }
        guard way == .images else { return nil }
        // What is written reads as the same network.
        let written = try ONNXWriter.serialize(graph, producerVersion: "1")
        let again = try ONNXReader.graph(
            of: try ONNXModel(try FileContents(path: "written.onnx", contents: written).bytes), constantLimit: 1 << 31)
        let copy = try Plan(again, pool: ComputePool(threads: 2), kernels: KernelTable.selected)
        let repeated = try copy.run(input: numbers, images: images, layers: [copy.outputName])[0]
        return Self.mismatch(repeated, found).map { "written and read again: \($0)" }
    }

    /// Within the tolerance of ONNX's own runner.
    private static func mismatch(_ found: [Float], _ expected: [Float]) -> String? {
        for (index, (found, expected)) in zip(found, expected).enumerated() {
            let isNear = found == expected || abs(found - expected) <= 1e-7 + 1e-3 * abs(expected)
            guard isNear || found.isNaN && expected.isNaN else {
                return "element \(index) is \(found), expected \(expected)"
            }
        }
        return nil
    }

    /// The elements as a plan takes them: maps in H, W, C order.
    private func channelsLast(_ tensor: Tensor, images: Int) -> [Float] {
        let shape = Array(tensor.shape.suffix(3))
        let isMap =
            images * shape.reduce(1, *) == tensor.count && shape.count == 3
            && (tensor.shape.count == 4 || tensor.shape.count == 3 && images == 1)
        guard isMap else { return tensor.values }
        let values = tensor.values
        let count = shape.reduce(1, *)
        return values.indices.map { position in
            let (image, rest) = position.quotientAndRemainder(dividingBy: count)
            let (pixel, channel) = rest.quotientAndRemainder(dividingBy: shape[0])
            return values[image * count + channel * shape[1] * shape[2] + pixel]
        }
    }
}
