import Network

extension ModelConfiguration {
    /// Where the layers come from: the name of a network in ``Network/Architecture``, `onnx` or `keras`.
    public struct Architecture: NamedChoice, Sendable, Equatable {
        public let rawValue: String
        /// `nil`: the weights' file has the layers too.
        private var network: (any ConvolutionalNetwork)? { Network.Architecture(named: rawValue)?.network }

        /// The weights' file is an ONNX model.
        public static let onnx = Architecture(known: "onnx")
        /// The weights' file is a whole Keras model, `.keras` or `.h5`.
        public static let keras = Architecture(known: "keras")
        /// Whether the weights' file says what the layers are.
        var hasLayersInFile: Bool { self == .onnx || self == .keras }
        public static let efficientNetLite0 = Architecture(known: "efficientnet_lite0")
        static let resNet50 = Architecture(known: "resnet50")
        public static let allCases = [onnx, keras] + Network.Architecture.all.map { Architecture(known: $0.name) }

        private init(known name: String) { rawValue = name }

        /// Also of timm's names, where they are others.
        public init?(rawValue name: String) {
            guard let known = ["onnx", "keras"].contains(name) ? name : Network.Architecture(named: name)?.name else {
                return nil
            }
            rawValue = known
        }

        public static func == (a: Architecture, b: Architecture) -> Bool { a.rawValue == b.rawValue }

        /// The network with these weights, on images of `inputShape`, `[channels, height, width]`.
        func graph(
            weights: any TensorSource, path: String, inputShape: [Int]
        ) throws(ModelFormatError) -> Graph {
            guard let network else {
                throw .malformed(file: path, location: "network", expected: "an ONNX model", found: "weights alone")
            }
            do {
                return try network.graph(weights: weights, inputShape: inputShape)
            } catch let error as ModelFormatError {
                throw error
            } catch {
                throw .malformed(
                    file: path, location: "network", expected: "weights of \(rawValue)", found: "\(error)")
            }
        }
    }
}
