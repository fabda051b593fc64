import Network

/// A network with all that is needed to use it: what a model folder, an ONNX file or a Keras file holds.
public struct Model: Sendable {
    public let configuration: ModelConfiguration
    public let graph: Graph
    /// The classes' names, in the order of the network's outputs; empty where the model has none.
    public let labels: [String]
    public let golden: GoldenVector?
    /// What the files do not say: for each, a sentence for people with what is assumed instead, and where to state it.
    public var assumptions: [String] = []

    public init(
        configuration: ModelConfiguration, graph: Graph, labels: [String], golden: GoldenVector?,
        assumptions: [String] = []
    ) {
        self.configuration = configuration
        self.graph = graph
        self.labels = labels
        self.golden = golden
        self.assumptions = assumptions
    }

    /// The SHA-256 of the weights' file, 64 hexadecimal digits.
    public var digest: String { configuration.weights.sha256 }

    /// Of `config.json`, in bytes; a real one has about a thousand.
    static let configurationLimit = 1 << 20
    /// Of labels, golden vectors and licences, in bytes: a million classes fit.
    static let textLimit = 1 << 24

    /// Loads a folder with a `config.json`, Martlet's or timm's, or a bare `.onnx`, `.keras` or `.h5` file.
    ///
    /// A bare file that ``ONNXWriter`` did not write says nothing about labels or preprocessing: classes are called by
    /// their index. Images are prepared as ``PreprocessingRule/imageNet`` says for ONNX; for Keras, pixels count from 0 to
    /// 255 where the network begins with `Rescaling` or `Normalization`, else from 0 to 1. In a folder, sizes and the
    /// weights' digest are checked.
    /// Throws a ``ModelFormatError``; the golden vector is for the caller to check, who can run the network.
    public static func load(_ path: String) throws(ModelFormatError) -> Model {
        guard isFile(path) else { return try loadFolder(path) }
        let isONNX = path.hasSuffix(onnxExtension)
        return try load(try FileContents(path: path, payloads: isONNX ? ONNXPayloads.ranges : { _ in [] }))
    }

    /// As ``load(_:)``, for the bytes of a bare file that is called `path`.
    public static func load(_ bytes: [UInt8], path: String) throws(ModelFormatError) -> Model {
        guard isFile(path) else {
            throw .unsupported(
                file: path, location: "name", found: "another ending",
                supported: (KerasModel.extensions + [onnxExtension]).joined(separator: ", "))
        }
        return try load(try FileContents(path: path, contents: bytes))
    }

    private static let onnxExtension = ".onnx"

    /// Whether a path ends as those of whole models do.
    static func isFile(_ path: String) -> Bool {
        path.hasSuffix(onnxExtension) || KerasModel.extensions.contains(where: path.hasSuffix)
    }

    private static func load(_ file: FileContents) throws(ModelFormatError) -> Model {
        file.path.hasSuffix(onnxExtension) ? try loadONNX(file) : try loadKeras(file)
    }

    private static func loadKeras(_ file: FileContents) throws(ModelFormatError) -> Model {
        let result = try KerasReader.read(file)
        let shape = result.graph.inputShape
        let fileName = fileName(file)
        let configuration = ModelConfiguration(
            formatVersion: 1, name: fileName.split(separator: ".").dropLast().joined(separator: "."), version: "1",
            architecture: .keras, input: .init(channels: shape[0], height: shape[1], width: shape[2]),
            preprocessing: .plain(result.scalesPixels ? .bytes : .unit, channels: shape[0]),
            weights: .init(file: fileName, bytes: file.bytes.count, sha256: try file.bytes.sha256()))
        // Also whether all of it fits together.
        let outputs = try outputCount(of: result.graph, readFrom: file.path)
        return Model(
            configuration: configuration, graph: result.graph, labels: [], golden: nil,
            assumptions: assumptions(
                ofFile: file.path, preprocessing: configuration.preprocessing, labels: [], outputs: outputs))
    }

    private static func loadFolder(_ path: String) throws(ModelFormatError) -> Model {
        try refuseFile(path)
        try refuseLooseFile(in: path)
        let file = try FileContents(path: "\(path)/config.json", limit: configurationLimit).bytes
        switch try file.decodeJSON(ConfigurationKind.self) {
        case .timm: return try loadTimm(path, configuration: file)
        case .martlet: break
        case .unknown:
            throw file.malformed(
                "fields",
                expected: "'format_version', as Martlet's configurations have, or 'pretrained_cfg' with "
                    + "mean, std, interpolation, crop_pct and input_size, as timm's have",
                found: "neither")
        }
        let configuration = try file.decodeJSON(ModelConfiguration.self)
        if let (field, expected, found) = configuration.contradiction {
            throw file.malformed("field '\(field)'", expected: expected, found: found)
        }
        let weightsPath = "\(path)/\(configuration.weights.file)"
        let shape = [configuration.input.channels, configuration.input.height, configuration.input.width]
        let graph = try readNetwork(weightsPath, configuration, inputShape: shape)
        guard graph.inputShape == shape else {
            throw file.malformed("field 'input'", expected: "the network's \(graph.inputShape)", found: "\(shape)")
        }
        if let licence = configuration.licence {
            _ = try FileContents(path: "\(path)/\(licence.file)", limit: textLimit)
        }
        let outputs = try outputCount(of: graph, readFrom: weightsPath)
        let labels = try configuration.labels.map { labels throws(ModelFormatError) in
            try readLabels("\(path)/\(labels.file)", declared: labels.count, outputs: outputs)
        }
        let golden = try configuration.golden.map { golden throws(ModelFormatError) in
            try readGolden("\(path)/\(golden.file)", outputs: outputs)
        }
        return Model(
            configuration: configuration, graph: graph, labels: labels ?? [], golden: golden,
            assumptions: assumptions(ofFolder: path, labels: labels ?? [], outputs: outputs))
    }

    private static func fileName(_ file: FileContents) -> String {
        file.path.split(separator: "/").last.map(String.init) ?? file.path
    }

    private static func loadONNX(_ file: FileContents) throws(ModelFormatError) -> Model {
        let parsed = try ONNXModel(file.bytes)
        let graph = try ONNXReader.graph(of: parsed)
        guard graph.inputShape.count == 3 else {
            throw file.bytes.unsupported(
                "input \(graph.inputName.quoted)", found: "[N] + \(graph.inputShape)",
                supported: "images, [N, C, H, W]")
        }
        let outputs = try outputCount(of: graph, readFrom: file.path)
        let metadata = try parsed.metadata.map { json throws(ModelFormatError) in
            try readMetadata(json, outputs: outputs)
        }
        let labels = metadata?.labels ?? []
        let fileName = fileName(file)
        let configuration = ModelConfiguration(
            formatVersion: 1, name: metadata?.name ?? String(fileName.dropLast(onnxExtension.count)),
            version: metadata?.version ?? "1", architecture: .onnx,
            input: .init(channels: graph.inputShape[0], height: graph.inputShape[1], width: graph.inputShape[2]),
            preprocessing: metadata?.preprocessing
                ?? (graph.inputShape[0] == 1 ? .plain(.unit, channels: 1) : .imageNet),
            weights: .init(
                file: fileName, bytes: file.bytes.count, sha256: try parsed.externalFiles.sha256()))
        return Model(
            configuration: configuration, graph: graph, labels: labels, golden: nil,
            assumptions: assumptions(
                ofFile: file.path, preprocessing: metadata == nil ? configuration.preprocessing : nil, labels: labels,
                outputs: outputs))
    }

    private static func readMetadata(_ json: FileBytes, outputs: Int) throws(ModelFormatError) -> ModelMetadata {
        let location = "metadata property '\(ONNXWriter.metadataName)'"
        guard json.count <= textLimit else {
            throw json.unsupported(location, found: "\(json.count) bytes", supported: "at most \(textLimit)")
        }
        let metadata = try json.decodeJSON(ModelMetadata.self)
        if metadata.name.isEmpty { throw json.malformed("\(location), name", expected: "a name", found: "none") }
        let channels = metadata.preprocessing.mean.count == 1 ? 1 : 3
        if let (field, expected, found) = metadata.preprocessing.contradiction(channels: channels) {
            throw json.malformed("\(location), preprocessing.\(field)", expected: expected, found: found)
        }
        guard [0, outputs].contains(metadata.labels.count) else {
            throw json.malformed(
                "\(location), labels", expected: "none, or \(outputs), one for each output of the network",
                found: "\(metadata.labels.count)")
        }
        return metadata
    }

    /// The size is checked first: a half-written file is the likeliest fault, and its error should say so.
    private static func readNetwork(
        _ path: String, _ configuration: ModelConfiguration, inputShape: [Int]
    ) throws(ModelFormatError) -> Graph {
        let declared = configuration.weights
        func check(_ digest: String) throws(ModelFormatError) {
            guard digest == declared.sha256 else {
                throw .malformed(
                    file: path, location: "file", expected: "SHA-256 \(declared.sha256), as config.json says",
                    found: digest)
            }
        }
        guard configuration.architecture.hasLayersInFile else {
            let weights = try WeightsFile(path: path, size: declared.bytes)
            try check(weights.digest)
            return try configuration.architecture.graph(weights: weights.tensors, path: path, inputShape: inputShape)
        }
        if configuration.architecture == .keras {
            let file = try FileContents(path: path, size: declared.bytes)
            try check(try file.bytes.sha256())
            return try KerasReader.read(file).graph
        }
        let file = try FileContents(path: path, size: declared.bytes, payloads: ONNXPayloads.ranges)
        try check(try file.bytes.sha256())
        return try ONNXReader.readComplete(file)
    }

    /// How many numbers the network answers for one image.
    static func outputCount(of graph: Graph, readFrom path: String) throws(ModelFormatError) -> Int {
        do {
            return try graph.shapes()[graph.output, default: []].reduce(1, *)
        } catch {
            throw .malformed(
                file: path, location: "network", expected: "one that fits together", found: "\(error)")
        }
    }

    /// A name a line; `declared` lines, as config.json says where it does.
    static func readLabels(
        _ path: String, declared: Int? = nil, outputs: Int
    ) throws(ModelFormatError) -> [String] {
        let bytes = try FileContents(path: path, limit: textLimit).bytes
        guard let text = bytes.string else {
            throw bytes.malformed("labels", expected: "UTF-8 text", found: "other bytes")
        }
        let lines = text.split(whereSeparator: \.isNewline).map(String.init)
        if let declared, lines.count != declared {
            throw bytes.malformed(
                "labels", expected: "\(declared) lines, as config.json says", found: "\(lines.count)")
        }
        guard lines.count == outputs else {
            throw bytes.malformed(
                "labels", expected: "\(outputs), one for each output of the network", found: "\(lines.count)")
        }
        return lines
    }

    private static func readGolden(_ path: String, outputs: Int) throws(ModelFormatError) -> GoldenVector {
        let bytes = try FileContents(path: path, limit: textLimit).bytes
        let golden = try bytes.decodeJSON(GoldenVector.self)
        if let (field, expected, found) = golden.contradiction {
            throw bytes.malformed("field '\(field)'", expected: expected, found: found)
        }
        guard golden.logits.count == outputs else {
            throw bytes.malformed(
                "field 'logits'", expected: "\(outputs), one for each output of the network",
                found: "\(golden.logits.count)")
        }
        return golden
    }
}
