import Inference
import Network

extension ImageService {
    /// What is to be known about the models, in the order of their names.
    public var models: [ModelDescription] {
        repository.models.map { ModelDescription($0, isDefault: $0.name == repository.defaultModel.name) }
    }
}

extension ModelDescription {
    init(_ loaded: LoadedModel, isDefault: Bool) {
        let (configuration, plan) = (loaded.configuration, loaded.plan)
        let rule = configuration.preprocessing
        self.init(
            name: loaded.name, version: loaded.version, isDefault: isDefault, inputShape: plan.inputShape,
            preprocessing: Preprocessing(
                width: configuration.input.width, height: configuration.input.height,
                interpolation: rule.interpolation.rawValue, cropFraction: rule.cropFraction,
                mean: rule.byteMean.map { $0 / 255 }, standardDeviation: rule.byteStandardDeviation.map { $0 / 255 }),
            classes: plan.outputShape.reduce(1, *), embeddingLayer: plan.classifierInput?.name,
            layers: plan.layers.map {
                Layer(name: $0.name, operation: $0.operation, outputShape: $0.outputShape)
            },
            parameters: plan.parameterCount, multiplyAdds: plan.multiplyAdds, digest: "sha256:\(loaded.digest)",
            license: configuration.licence?.name,
            source: configuration.source.map { "\($0.package) \($0.version)" })
    }
}
