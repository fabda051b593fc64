/// The `config.json` that timm (https://github.com/huggingface/pytorch-image-models) writes beside its weights: the
/// architecture's name, and what the weights were trained to see.
///
/// Unknown fields are skipped; one that would change the network is refused.
struct TimmConfiguration: Decodable {
    let architecture: ModelConfiguration.Architecture
    let classes: Int?
    let pretrained: Pretrained
    private let labels: Labels?
    private let labelDescriptions: [String: String]?
    private let globalPool: GlobalPool?
    private let arguments: Arguments?

    /// What timm calls `pretrained_cfg`.
    struct Pretrained: Decodable {
        /// `[channels, height, width]`
        let inputSize: [Int]
        let mean: [Float]
        let standardDeviation: [Float]
        let interpolation: PreprocessingRule.Interpolation
        let cropFraction: Double
        let cropMode: CropMode?
        /// What the weights were trained on and how, as `a1_in1k`.
        let tag: String?

        private enum CodingKeys: String, CodingKey {
            case mean, interpolation, tag
            case inputSize = "input_size"
            case standardDeviation = "std"
            case cropFraction = "crop_pct"
            case cropMode = "crop_mode"
        }
    }

    enum CropMode: String, NamedChoice {
        case center, squash
    }

    private enum GlobalPool: String, NamedChoice {
        case average = "avg"
    }

    /// In the order of the outputs, or by their index.
    private enum Labels: Decodable {
        case list([String])
        case indexed([String: String])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let list = try? container.decode([String].self) {
                self = .list(list)
            } else {
                self = .indexed(try container.decode([String: String].self))
            }
        }
    }

    /// What the network was made with beside its defaults.
    private struct Arguments: Decodable {
        /// What the weights and the images' size show, or what does nothing at inference.
        private static let harmless: Set = [
            "num_classes", "in_chans", "img_size", "drop_rate", "drop_path_rate", "pretrained", "global_pool",
        ]

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: FieldName.self)
            for field in fields.allKeys where !Self.harmless.contains(field.stringValue) {
                throw DecodingError.dataCorruptedError(
                    forKey: field, in: fields,
                    debugDescription: "an argument that changes the network; supported: its defaults")
            }
        }
    }

    private struct FieldName: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    private enum CodingKeys: String, CodingKey {
        case architecture
        case classes = "num_classes"
        case pretrained = "pretrained_cfg"
        case labels = "label_names"
        case labelDescriptions = "label_descriptions"
        case globalPool = "global_pool"
        case arguments = "model_args"
    }

    var preprocessing: PreprocessingRule {
        PreprocessingRule(
            resize: pretrained.cropMode == .squash ? .squash : .resizeThenCrop, cropFraction: pretrained.cropFraction,
            interpolation: pretrained.interpolation, colorOrder: .rgb, units: .unit, mean: pretrained.mean,
            standardDeviation: pretrained.standardDeviation)
    }

    /// The classes' names for people, in the order of the network's outputs; `nil` where the file has none. Of names by their
    /// index, those of the outputs, which are fewer where some are missing.
    func labels(outputs: Int) -> [String]? {
        let names: [String]
        switch labels {
        case nil: return nil
        case .list(let list): names = list
        case .indexed(let indexed): names = (0..<outputs).compactMap { indexed["\($0)"] }
        }
        return names.map { labelDescriptions?[$0] ?? $0 }
    }

    /// The first field whose value makes no sense.
    var contradiction: (field: String, expected: String, found: String)? {
        let size = pretrained.inputSize
        guard size.count == 3, [1, 3].contains(size[0]), size.dropFirst().allSatisfy((1...4096).contains) else {
            return ("pretrained_cfg.input_size", "[3, height, width], or [1, height, width], up to 4096", "\(size)")
        }
        guard let (field, expected, found) = preprocessing.contradiction(channels: size[0]) else { return nil }
        let names = ["crop_fraction": "crop_pct", "standard_deviation": "std"]
        return ("pretrained_cfg.\(names[field] ?? field)", expected, found)
    }
}
