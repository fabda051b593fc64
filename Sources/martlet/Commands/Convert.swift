import ArgumentParser
import Compute
import Foundation
import ModelFormats
import Network

struct Convert: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a model as an ONNX file, which any engine runs, or as a model folder.",
        discussion: """
            A folder has config.json, network.onnx and labels.txt: edit preprocessing and labels there, and serve it. \
            Either way the network answers bit for bit the same, except where it interpolates (Resize's linear and cubic, \
            pooling to a fixed size): that is written as products with matrices, whose last bits may differ. Weights are \
            written as float32, those of 16 bits twice as large; quantised ones as int8.

            An ONNX file takes float32 [N, C, H, W] and holds the weights; preprocessing and labels travel in its metadata \
            property '\(ONNXWriter.metadataName)' (JSON), from which martlet reads them back.
            """)

    @Argument(help: ArgumentHelp("A model's name, folder, or ONNX or Keras file.", valueName: "model"))
    var model: String

    @Argument(
        help: ArgumentHelp(
            "The file to write, replaced where it exists (out.onnx), or the folder to make (any other name).",
            valueName: "out"))
    var output: String

    @Option(
        help: ArgumentHelp(
            """
            A classifier to put in place of the model's own, followed by a softmax: a safetensors file of float32 \
            'weight' [classes, features] and 'bias' [classes], as PyTorch calls those of a linear layer. Heads of a store \
            become ONNX by 'martlet heads export NAME FILE.onnx'.
            """,
            valueName: "head.safetensors"))
    var head: String?

    @Option(help: "The layer that the head reads; 'martlet inspect' lists them. Default: what the model's own reads.")
    var layer: String?

    @OptionGroup var models: ModelOptions

    func validate() throws {
        if head != nil, !output.hasSuffix(".onnx") {
            throw ValidationError("'\(output)' should end in .onnx: a model with another head is written as a file")
        }
        if layer != nil, head == nil { throw ValidationError("--layer says what --head reads; there is no --head") }
    }

    func run() throws {
        let loaded = try models.read(model)
        guard output.hasSuffix(".onnx") else {
            try loaded.writeFolder(output, producerVersion: Martlet.configuration.version)
            return
        }
        var (graph, metadata) = (loaded.graph, loaded.metadata)
        if let head {
            graph = try graph.classifying(try layer ?? classifierInput(of: graph), with: [linearLayer(head)])
            // The new classes have no names.
            metadata.labels = []
        }
        let bytes = try ONNXWriter.serialize(
            graph, metadata: metadata, producerVersion: Martlet.configuration.version)
        do {
            try Data(bytes).write(to: URL(filePath: output), options: .atomic)
        } catch {
            throw CommandError("'\(output)' cannot be written: \(error.systemReason)")
        }
    }

    private func classifierInput(of graph: Graph) throws -> String {
        let plan = try Plan(graph, pool: .shared, kernels: try .selected)
        guard let layer = plan.classifierInput else {
            throw CommandError("the model ends in no dense layer that a head could replace; name a --layer")
        }
        return layer.name
    }

    private func linearLayer(_ path: String) throws -> Dense {
        let file = try SafetensorsFile(path: path)
        guard file.shapes["hidden.weight"] == nil else {
            throw CommandError(
                "'\(path)' has a hidden layer, and --head takes only linear heads; "
                    + "'martlet heads export NAME FILE.onnx' writes any head of a store")
        }
        guard let shape = file.shapes["weight"], shape.count == 2 else {
            throw CommandError("'\(path)' has no tensor 'weight' of shape [classes, features]")
        }
        return Dense(
            weights: try file.tensor("weight", shape: shape), bias: try file.tensor("bias", shape: [shape[0]]))
    }
}
