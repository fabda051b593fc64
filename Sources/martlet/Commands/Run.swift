import ArgumentParser
import Foundation
import Inference
import ModelFormats
import Network

struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Put a raw tensor through a model: for debugging, and for comparing with other engines.")

    @Argument(help: ArgumentHelp("A model's name, folder, or ONNX or Keras file.", valueName: "model"))
    var model: String

    @Option(
        help: ArgumentHelp(
            """
            float32 .npy of shape [N, C, H, W], of a Keras model too; 'martlet inspect' shows C, H and W.
            """, valueName: "x.npy"))
    var input: String

    @Option(help: ArgumentHelp("Where to write the answer, a float32 .npy.", valueName: "y.npy"))
    var output: String

    @Option(help: "The layer to write instead of the network's answer; `martlet inspect` lists them.")
    var layer: String?

    @OptionGroup var models: ModelOptions

    @OptionGroup var engine: EngineOptions

    func run() throws {
        let plan = try models.loadNetwork(model, engine).plan
        let array = try NumPyArray(path: input)
        guard array.shape.count == plan.inputShape.count + 1, Array(array.shape.dropFirst()) == plan.inputShape else {
            throw CommandError(
                "'\(input)' has shape \(array.shape); the model takes [N, \(plan.inputShape.map(String.init).joined(separator: ", "))]"
            )
        }
        let images = array.shape[0]
        let (name, shape) = try target(in: plan)
        let values = try plan.run(
            input: channelsLast(array.values, images: images, shape: plan.inputShape), images: images, layers: [name])
        guard let result = NumPyArray(shape: [images] + shape, values: values[0]) else {
            throw CommandError("the result has \(values[0].count) numbers, not the \([images] + shape) expected")
        }
        guard (try? Data(result.serialized()).write(to: URL(filePath: output))) != nil else {
            throw CommandError("'\(output)' cannot be written")
        }
    }

    private func target(in plan: Plan) throws -> (name: String, shape: [Int]) {
        guard let layer else { return (plan.outputName, plan.outputShape) }
        guard let found = plan.layers.first(where: { $0.name == layer }) else {
            throw CommandError("the model has no layer '\(layer)'; 'martlet inspect \(model)' lists them")
        }
        return (found.name, found.outputShape)
    }

    /// NCHW to NHWC.
    private func channelsLast(_ values: [Float], images: Int, shape: [Int]) -> [Float] {
        let (channels, pixels) = (shape[0], shape.dropFirst().reduce(1, *))
        var result = [Float](repeating: 0, count: values.count)
        for image in 0..<images {
            let start = image * channels * pixels
            for channel in 0..<channels {
                for pixel in 0..<pixels {
                    result[start + pixel * channels + channel] = values[start + channel * pixels + pixel]
                }
            }
        }
        return result
    }
}
