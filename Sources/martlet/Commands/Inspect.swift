import ArgumentParser
import Inference
import ModelFormats
import Network

struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show a model's layers: output shapes, parameters, multiply-adds, kernels.")

    @Argument(help: ArgumentHelp("A model's name, folder, or ONNX or Keras file.", valueName: "model"))
    var model: String

    @Flag(help: "Print the graph in Graphviz's language instead: martlet inspect … --dot | dot -Tsvg -o graph.svg")
    var dot = false

    @OptionGroup var models: ModelOptions

    @OptionGroup var engine: EngineOptions

    func run() throws {
        if dot {
            print(try models.read(model).graph.optimized().dot())
            return
        }
        let loaded = try models.load(model, engine)
        let plan = loaded.plan
        var table = Table(
            header: ["layer", "operation", "output", "parameters", "multiply-adds", "kernel"],
            leftAligned: [0, 1, 2, 5])
        for layer in plan.layers {
            table.append([
                layer.name, layer.operation, layer.outputShape.map(String.init).joined(separator: "×"),
                grouped(layer.parameters), grouped(layer.multiplyAdds), layer.kernel,
            ])
        }
        print(
            """
            \(loaded.name): input '\(plan.inputName)' \(plan.inputShape), output '\(plan.outputName)' \(plan.outputShape)
            \(table.text)
            \(grouped(plan.parameterCount)) parameters, \(grouped(plan.multiplyAdds)) multiply-adds an image
            """)
    }
}

/// `1234567` as `1,234,567`.
func grouped(_ number: Int) -> String {
    var digits = String(number.magnitude)
    var groups: [String] = []
    while digits.count > 3 {
        groups.insert(String(digits.suffix(3)), at: 0)
        digits.removeLast(3)
    }
    return (number < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
}
