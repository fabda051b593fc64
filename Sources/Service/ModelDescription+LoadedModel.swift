import Inference
import Network

extension ModelDescription {
    init(_ loaded: LoadedModel) {
        let (configuration, plan) = (loaded.configuration, loaded.plan)
        let rule = configuration.preprocessing
        self.init(
            name: loaded.name, version: loaded.version, inputShape: plan.inputShape,
            preprocessing: Preprocessing(
                width: configuration.input.width, height: configuration.input.height,
                resize: rule.resize.rawValue, interpolation: rule.interpolation.rawValue,
                cropFraction: rule.cropFraction, colorOrder: rule.colorOrder.rawValue,
                mean: rule.byteMean.map { $0 / 255 }, standardDeviation: rule.byteStandardDeviation.map { $0 / 255 }),
            classes: plan.outputShape.reduce(1, *), embeddingLayer: plan.classifierInput?.name,
            layers: plan.layers.map {
                Layer(name: $0.name, operation: $0.operation, outputShape: $0.outputShape)
            },
            parameters: plan.parameterCount, multiplyAdds: plan.multiplyAdds, digest: "sha256:\(loaded.digest)",
            license: configuration.licence?.name,
            source: configuration.source.map { "\($0.package) \($0.version)" }, batching: Batching(loaded))
    }
}

extension ModelDescription.Batching {
    init(_ loaded: LoadedModel) {
        let latency = loaded.latency
        let line = latency.line.map { (perImage: $0.perImage * 1000, perBatch: $0.perBatch * 1000) }
        self.init(
            maximumBatch: loaded.batchLimit,
            maximumDelayMilliseconds: loaded.configuration.batching?.maximumDelayMilliseconds ?? 0,
            batches: latency.batches, millisecondsPerImage: line?.perImage, millisecondsPerBatch: line?.perBatch)
    }
}
