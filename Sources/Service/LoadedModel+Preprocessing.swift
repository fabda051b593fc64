import Imaging
import Inference
import ModelFormats

extension LoadedModel {
    /// The model's rule in the image pipeline's terms: see ``ModelConfiguration/imagePreprocessing()``.
    public func preprocessing() throws(PreprocessingError) -> Preprocessing {
        try configuration.imagePreprocessing()
    }
}

extension ModelConfiguration {
    /// The model's rule in the image pipeline's terms.
    ///
    /// - Throws: `PreprocessingError` where a number makes no sense.
    public func imagePreprocessing() throws(PreprocessingError) -> Preprocessing {
        let rule = preprocessing
        let interpolation: Interpolation =
            switch rule.interpolation {
            case .bilinear: .bilinear
            case .bicubic: .bicubic
            }
        let resize: Preprocessing.Resize =
            switch rule.resize {
            case .centerCrop: .centerCrop
            case .resizeThenCrop: .resizeThenCrop
            case .squash: .squash
            }
        guard rule.mean.count == input.channels else {
            throw PreprocessingError(
                field: "channels", expected: "a network of 3 (RGB) or 1 (grey)", found: "\(input.channels)")
        }
        return try Preprocessing(
            width: input.width, height: input.height, resize: resize, interpolation: interpolation,
            cropFraction: rule.cropFraction, isBlueFirst: rule.colorOrder == .bgr, mean: rule.byteMean,
            standardDeviation: rule.byteStandardDeviation)
    }
}
