/// A model folder's `config.json`: what the network is, what it wants to see, and where it comes from.
///
/// Unknown fields are skipped; a missing one is an error that names it.
public struct ModelConfiguration: Codable, Sendable, Equatable {
    /// 1, the only version yet.
    public var formatVersion: Int
    /// What requests call the model.
    public var name: String
    public var version: String
    public var architecture: Architecture
    public var input: InputSize
    public var preprocessing: PreprocessingRule
    public var weights: Weights
    /// `nil`: classes are called by their index.
    public var labels: Labels?
    public var golden: Golden?
    public var licence: Licence?
    public var source: Source?
    /// `nil`: the queue finds out what pays.
    public var batching: Batching?

    /// Where the layers come from.
    public enum Architecture: String, NamedChoice, Sendable {
        case efficientNetLite0 = "efficientnet_lite0"
        /// The weights' file is an ONNX model, which has the layers too.
        case onnx
        /// The weights' file is a whole Keras model, `.keras` or `.h5`.
        case keras
    }

    /// The extents of one input image's tensor.
    public struct InputSize: Codable, Sendable, Equatable {
        public var channels: Int
        public var height: Int
        public var width: Int
    }

    public struct Weights: Codable, Sendable, Equatable {
        /// A file in the folder.
        public var file: String
        public var bytes: Int
        /// 64 lower-case hexadecimal digits.
        public var sha256: String
    }

    public struct Labels: Codable, Sendable, Equatable {
        /// A text file in the folder: a name a line, in the order of the network's outputs.
        public var file: String
        public var count: Int
    }

    public struct Golden: Codable, Sendable, Equatable {
        /// A file in the folder: see ``GoldenVector``.
        public var file: String
    }

    public struct Licence: Codable, Sendable, Equatable {
        /// An SPDX identifier.
        public var name: String
        /// A file in the folder. A model without it is refused, since licences ask to go with what they cover.
        public var file: String
    }

    /// What the weights were converted from: a record for people, from which the conversion can be repeated.
    public struct Source: Codable, Sendable, Equatable {
        public var package: String
        public var version: String
        public var url: String
        /// The original file's name.
        public var file: String
        /// The original file's digest.
        public var sha256: String
    }

    /// How images wait for one another.
    public struct Batching: Codable, Sendable, Equatable {
        /// The most images of one run, 1 to 1024.
        public var maximumBatch: Int?
        /// How long an image may be kept back for others to join it, 0 to 10,000.
        public var maximumDelayMilliseconds: Int?

        private enum CodingKeys: String, CodingKey {
            case maximumBatch = "max_batch"
            case maximumDelayMilliseconds = "max_delay_ms"
        }
    }

    private enum CodingKeys: String, CodingKey {
        case name, version, architecture, input, preprocessing, weights, labels, golden, licence, source, batching
        case formatVersion = "format_version"
    }
}

extension ModelConfiguration {
    /// The first field whose value makes no sense.
    var contradiction: (field: String, expected: String, found: String)? {
        if formatVersion != 1 { return ("format_version", "1", "\(formatVersion)") }
        if name.isEmpty { return ("name", "a name", "none") }
        for (field, extent) in [("height", input.height), ("width", input.width)] where !(1...4096).contains(extent) {
            return ("input.\(field)", "1 to 4096", "\(extent)")
        }
        if input.channels != 3 { return ("input.channels", "3 (RGB)", "\(input.channels)") }
        if let (field, expected, found) = preprocessing.contradiction {
            return ("preprocessing.\(field)", expected, found)
        }
        if let batch = batching?.maximumBatch, !(1...1024).contains(batch) {
            return ("batching.max_batch", "1 to 1024", "\(batch)")
        }
        if let delay = batching?.maximumDelayMilliseconds, !(0...10_000).contains(delay) {
            return ("batching.max_delay_ms", "0 to 10000", "\(delay)")
        }
        let files = [
            ("weights", weights.file), ("labels", labels?.file), ("golden", golden?.file), ("licence", licence?.file),
        ]
        for case (let field, let file?) in files
        where file.isEmpty || file.contains("/") || file.contains("\0") || file.hasPrefix(".") {
            return ("\(field).file", "the name of a file in the folder", file.quoted)
        }
        if let labels, !(1...1_000_000).contains(labels.count) {
            return ("labels.count", "1 to 1000000", "\(labels.count)")
        }
        return nil
    }
}
