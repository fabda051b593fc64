import ArgumentParser
import Compute
import Foundation
import ModelFormats
import Network
import Service

struct Quantize: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a model that computes in 8 bits, calibrated on images.",
        discussion: """
            The images should be like those that the model will see; a few hundred are plenty, and they need no labels. \
            Some are held out: on these the new model is compared with the old one. Layers that suffer too much \
            stay in float32.

            What is written is a model folder as 'martlet convert' makes one, with the network as QDQ ONNX \
            (QuantizeLinear, DequantizeLinear), which other engines run too.
            """)

    /// Fewer say nothing about a network's values.
    private static let leastImages = 8
    /// So many images decide which layers stay in float32.
    private static let largestSample = 32
    /// Other orders of summing round other numbers up, and layers after them go on from there: beside ONNX Runtime, single logits of
    /// EfficientNet-Lite0 were 0.44 off.
    private static let goldenTolerance: Float = 0.5

    @Argument(help: ArgumentHelp("A model's name, folder, or ONNX or Keras file.", valueName: "model"))
    var model: String

    @Argument(help: ArgumentHelp("The model folder to make.", valueName: "out"))
    var output: String

    @Option(
        help: ArgumentHelp(
            "A folder with JPEG, PNG or WebP images, in it or in folders below it.", valueName: "dir"))
    var images: String

    @Option(
        help: """
            What range of a layer's numbers the 256 levels cover: \(CalibrationMethod.allCases.map(\.rawValue).joined(separator: ", ")) \
            (all but a ten-thousandth at either end, the least mean square error, or the most information).
            """)
    var method = CalibrationMethod.mse

    @Option(help: ArgumentHelp("The part of the images that is held out, from 0 to 0.9.", valueName: "fraction"))
    var holdout = 0.25

    @Option(
        help: ArgumentHelp(
            """
            The mean cosine, with the float32 network's, of the features that the last layer reads: as few layers stay in \
            float32 as it takes.
            """,
            valueName: "cosine"))
    var target = 0.998

    @Flag(help: "Print the report as JSON.")
    var json = false

    @OptionGroup var models: ModelOptions

    @OptionGroup var engine: EngineOptions

    func validate() throws {
        guard (0...0.9).contains(holdout) else {
            throw ValidationError("--holdout must be from 0 to 0.9, found \(holdout)")
        }
        guard (0...1).contains(target) else {
            throw ValidationError("--target must be a cosine from 0 to 1, found \(target)")
        }
        guard engine.precision == .f32 else {
            throw ValidationError(
                "8 bits are chosen and compared beside float32: expected no --precision, found \(engine.precision.rawValue)"
            )
        }
        if output.hasSuffix(".onnx") {
            throw ValidationError(
                "'\(output)' should not end in .onnx: a model folder is made, of which 'martlet convert' writes a file")
        }
    }

    func run() throws {
        let start = ContinuousClock.now
        if FileManager.default.fileExists(atPath: output) { throw CommandError("'\(output)' exists already") }
        let folder = try ImageFolder(images)
        let source = try models.read(model)
        var quantizer = try Quantizer(
            source.graph, pool: engine.pool(), kernels: try engine.kernels(), options: engine.plan)
        let display = ProgressDisplay(isQuiet: false)
        defer { display.end() }
        for (name, reason) in folder.unreadable { display.note("\(name): \(reason); passed over") }
        var prepared = PreparedImages(
            folder: folder, preprocessing: try source.configuration.imagePreprocessing(), display: display)

        // Evenly among the names, of which neighbours may be alike.
        let isHeldOut = folder.names.indices.map { Int(Double($0 + 1) * holdout) > Int(Double($0) * holdout) }
        let calibration = zip(folder.names, isHeldOut).filter { !$1 }.map(\.0)
        let heldOut = zip(folder.names, isHeldOut).filter(\.1).map(\.0)
        guard folder.names.count >= Self.leastImages else { throw tooFew(folder.names.count) }

        var (sample, used, compared) = ([[Float]](), 0, 0)
        let stride = (calibration.count + Self.largestSample - 1) / Self.largestSample
        for (index, name) in calibration.enumerated() {
            guard let image = prepared.tensor(of: name) else { continue }
            try quantizer.observe(image)
            if used.isMultiple(of: stride) { sample.append(image) }
            used += 1
            show("calibrating", index + 1, of: calibration.count, display)
        }
        guard used + heldOut.count >= Self.leastImages, !sample.isEmpty else { throw tooFew(used) }
        let selection = try quantizer.select(by: method, images: sample, target: target) { done, total in
            show("comparing", done, of: total, display)
        }
        guard selection.wide.count < quantizer.layers.count else {
            throw CommandError(
                "no layer can compute in 8 bits while the features keep a mean cosine of \(target): lower --target, "
                    + "or show more images like those that the model will see")
        }
        var comparison = try Comparison(of: selection.graph, with: quantizer)
        for (index, name) in heldOut.enumerated() {
            guard let image = prepared.tensor(of: name) else { continue }
            try comparison.add(image)
            compared += 1
            show("evaluating", index + 1, of: heldOut.count, display)
        }
        let size = try write(selection.graph, of: source)
        let agreement = comparison.agreement
        let report = QuantizeReport(
            model: model, output: output, method: method.rawValue,
            images: .init(
                calibration: used, holdout: compared, skipped: folder.unreadable.count + prepared.skipped.count),
            agreement: compared == 0
                ? nil
                : .init(
                    top1: agreement.top1, meanCosine: agreement.meanCosine, leastCosine: agreement.leastCosine),
            bytes: .init(before: source.configuration.weights.bytes, after: size), layers: quantizer.layers.count,
            wideLayers: selection.wide, target: target, seconds: (.now - start) / .seconds(1))
        display.end()
        try StandardOutput.write(json ? try report.json() : report.text)
    }

    private func tooFew(_ found: Int) -> CommandError {
        CommandError(
            """
            '\(images)' has \(found) JPEG, PNG or WebP images that can be read; at least \(Self.leastImages) are needed, \
            better some hundred like those that the model will see
            """)
    }

    private func show(_ stage: String, _ done: Int, of total: Int, _ display: ProgressDisplay) {
        display.show(
            ProgressLine(stage: stage, fraction: Double(done) / Double(max(1, total)), detail: "\(done) of \(total)"))
    }

    /// Writes the folder, with a golden vector of the new network where the model has one.
    ///
    /// - Returns: the bytes of the network's file.
    private func write(_ graph: Graph, of source: Model) throws -> Int {
        let golden = try source.golden.map { golden in
            let plan = try Plan(graph, pool: engine.pool(), kernels: try engine.kernels())
            let input = golden.inputTensor(source.configuration.input)
            return GoldenVector(
                input: golden.input, logits: try plan.runAside(input, layer: plan.outputName),
                tolerance: Self.goldenTolerance)
        }
        let model = Model(configuration: source.configuration, graph: graph, labels: source.labels, golden: golden)
        try model.writeFolder(output, producerVersion: Martlet.configuration.version)
        return try FileManager.default.attributesOfItem(atPath: "\(output)/network.onnx")[.size] as? Int ?? 0
    }
}

extension CalibrationMethod: ExpressibleByArgument {}
