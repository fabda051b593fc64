/// How an image becomes a network's input, as `config.json` states it. The input's size stands beside it.
public struct PreprocessingRule: Codable, Sendable, Equatable {
    public var resize: Resize
    /// The side of the square that is cut, as a part of the image's shorter side: in (0, 1].
    public var cropFraction: Double
    public var interpolation: Interpolation
    public var colorOrder: ColorOrder
    /// What `mean` and `standardDeviation` count in.
    public var units: Units
    /// A channel each, in the order that the network reads them.
    public var mean: [Float]
    public var standardDeviation: [Float]

    public enum Resize: String, NamedChoice, Sendable {
        /// The centred square, ⌊fraction × shorter side⌋ pixels wide, is resized to the input's size.
        case centerCrop = "center_crop"
        /// The image is resized to ⌊size ÷ fraction⌋ along its shorter side, and the input cut out of its centre, as
        /// torchvision's `Resize` and `CenterCrop` do, and timm's `crop_mode` `center`.
        case resizeThenCrop = "resize_then_crop"
        /// As ``resizeThenCrop``, but both sides are resized to ⌊size ÷ fraction⌋, whatever the image's proportions: timm's
        /// `crop_mode` `squash`.
        case squash
    }

    public enum Interpolation: String, NamedChoice, Sendable {
        case bilinear, bicubic
    }

    public enum ColorOrder: String, NamedChoice, Sendable {
        case rgb = "RGB"
        /// Blue first, as Caffe had it.
        case bgr = "BGR"
    }

    public enum Units: String, NamedChoice, Sendable {
        /// Pixels count from 0 to 255.
        case bytes = "0-255"
        /// Pixels count from 0 to 1.
        case unit = "0-1"
    }

    /// What most networks of ImageNet are evaluated with (torchvision's reference: of 224 pixels, `Resize(256)` and
    /// `CenterCrop(224)`), with the mean and the standard deviation of its pixels. Assumed for a bare ONNX file.
    public static let imageNet = PreprocessingRule(
        resize: .resizeThenCrop, cropFraction: 0.875, interpolation: .bilinear, colorOrder: .rgb, units: .unit,
        mean: [0.485, 0.456, 0.406], standardDeviation: [0.229, 0.224, 0.225])

    /// Pixels as they are, in `units`: the whole centred square. Assumed for a bare Keras file, from 0 to 255 where the
    /// network scales them itself, from 0 to 1 where it does not; and for grey images of a bare ONNX file.
    static func plain(_ units: Units, channels: Int) -> PreprocessingRule {
        PreprocessingRule(
            resize: .centerCrop, cropFraction: 1, interpolation: .bilinear, colorOrder: .rgb, units: units,
            mean: Array(repeating: 0, count: channels), standardDeviation: Array(repeating: 1, count: channels))
    }

    /// The mean of each channel where pixels count from 0 to 255.
    public var byteMean: [Float] { mean.map { $0 * scale } }
    /// The standard deviation of each channel where pixels count from 0 to 255.
    public var byteStandardDeviation: [Float] { standardDeviation.map { $0 * scale } }

    private var scale: Float {
        switch units {
        case .bytes: 1
        case .unit: 255
        }
    }

    private enum CodingKeys: String, CodingKey {
        case resize, interpolation, units, mean
        case cropFraction = "crop_fraction"
        case colorOrder = "color_order"
        case standardDeviation = "standard_deviation"
    }

    /// The first field whose value makes no sense for images of so many channels.
    func contradiction(channels: Int) -> (field: String, expected: String, found: String)? {
        if !(cropFraction > 0 && cropFraction <= 1) {
            return ("crop_fraction", "above 0, at most 1", "\(cropFraction)")
        }
        let numbers = channels == 1 ? "1 number" : "\(channels) numbers"
        if mean.count != channels || !mean.allSatisfy(\.isFinite) { return ("mean", numbers, "\(mean)") }
        let positive = standardDeviation.allSatisfy { $0 > 0 && $0.isFinite }
        if standardDeviation.count != channels || !positive {
            return ("standard_deviation", "\(numbers) above 0", "\(standardDeviation)")
        }
        return nil
    }
}

/// A field that takes one of a few words; another word is an error that lists them.
public protocol NamedChoice: RawRepresentable, CaseIterable, Codable where RawValue == String {}

extension NamedChoice {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let word = try container.decode(String.self)
        guard let choice = Self(rawValue: word) else {
            let choices = Self.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "\(word.quoted); supported: \(choices)")
        }
        self = choice
    }
}
