import ArgumentParser
import Compute
import Foundation
import Inference
import Network

struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure a model's speed, layer by layer, beside the arithmetic peak of this CPU.",
        discussion: """
            Times are medians. The peak is measured in the same run: float32 multiply-adds on registers alone, on one \
            core. GFLOP/s count two operations for each multiply-add of the network as it is written. With --image also \
            what batches of 1 to 32 images take, and what a server at full load cannot exceed: every core decoding or \
            computing without a pause.

            With --precision int8 a float32 model is quantised first, on noise: its answers would be of no use, and it is \
            as fast as a quantised model can be, all of whose layers are in 8 bits.
            """)

    @Argument(help: ArgumentHelp("A model's name, folder, or ONNX or Keras file.", valueName: "model"))
    var model: String

    @Option(help: ArgumentHelp("Images in each run of the table of layers.", valueName: "n"))
    var batch = 1

    @Option(help: ArgumentHelp("A JPEG, PNG or WebP file that is to be decoded and prepared.", valueName: "file"))
    var image: String?

    @Option(help: ArgumentHelp("Take about this long for each of the measurements.", valueName: "s"))
    var seconds = 3.0

    @OptionGroup var models: ModelOptions

    @OptionGroup var engine: EngineOptions

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard (1...1024).contains(batch) else {
            throw ValidationError("--batch must be from 1 to 1024, found \(batch)")
        }
        if image != nil, engine.precision == .int8 {
            throw ValidationError("--image needs no --precision int8: measure the model that 'martlet quantize' writes")
        }
        guard (0.01...3600).contains(seconds) else {
            throw ValidationError("--seconds must be from 0.01 to 3600, found \(seconds)")
        }
    }

    func run() throws {
        let (kernels, pool) = (try engine.benchKernels(), engine.pool())
        let loaded = try LoadedModel(path: models.path(of: model), pool: pool, kernels: kernels, options: engine.plan)
        let imageBenchmark = try image.map { try ImageBenchmark(file: $0, loaded) }
        let plan =
            engine.precision == .int8 ? try quantized(pool: pool, kernels: kernels) ?? loaded.plan : loaded.plan
        let input = [Float](repeating: 0.5, count: batch * plan.inputShape.reduce(1, *))
        let peak = PeakBenchmark.multiplyAdds(kernels: kernels)
        let milliseconds = try medianMilliseconds(for: seconds) {
            _ = try plan.run(input: input, images: batch, layers: [plan.outputName])
        }
        // What only a server wants to know takes a minute where networks are large.
        let batches = try imageBenchmark.map { _ in try BatchBenchmark(plan, seconds: seconds) }
        let imageReport = try batches.flatMap { try imageBenchmark?.run(pool, batches: $0, seconds: seconds) }
        let report = BenchReport(
            model: loaded.name, isa: kernels.name, precision: precision(of: plan), threads: pool.threads, batch: batch,
            msPerImage: milliseconds / Double(batch),
            gflops: 2 * Double(plan.multiplyAdds * batch) / (milliseconds * 1e6),
            peakGflopsPerCore: max(peak, PeakBenchmark.multiplyAdds(kernels: kernels)),
            forkJoinUs: pool.threads > 1 ? ForkJoinBenchmark.microseconds(pool: pool) : nil,
            layers: try plan.profile(input: input, images: batch).map { timing in
                BenchReport.Layer(
                    name: timing.layer.name, operation: timing.layer.operation, kernel: timing.layer.kernel,
                    ms: timing.milliseconds,
                    gflops: 2 * Double(timing.layer.multiplyAdds * batch) / (timing.milliseconds * 1e6))
            }, batches: batches?.report, image: imageReport)
        print(try json ? report.json() : report.text)
    }

    /// A model that was quantised computes in 8 bits whatever is asked for.
    private func precision(of plan: Plan) -> String {
        let isQuantized = plan.layers.contains { $0.kernel.hasPrefix("i8_") }
        return (isQuantized ? EnginePrecision.int8 : engine.precision).rawValue
    }

    /// The network calibrated on noise; `nil` where it is quantised already.
    private func quantized(pool: ComputePool, kernels: KernelTable) throws -> Plan? {
        do {
            let graph = try models.read(model).graph
            var quantizer = try Quantizer(graph, pool: pool, kernels: kernels, options: engine.plan)
            var generator = SystemRandomNumberGenerator()
            let count = graph.inputShape.reduce(1, *)
            try quantizer.observe((0..<count).map { _ in Float.random(in: -2...2, using: &generator) })
            return try Plan(
                try quantizer.quantized(by: .percentile), pool: pool, kernels: kernels, options: engine.plan)
        } catch QuantizationError.alreadyQuantized {
            return nil
        }
    }
}
