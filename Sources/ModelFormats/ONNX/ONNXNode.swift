/// ONNX's `NodeProto`: one operator applied to named values.
struct ONNXNode {
    /// The node's name; where the file gives none, its first output's.
    private(set) var name = ""
    private(set) var operatorName = ""
    private(set) var domain = ""
    /// `""` stands for an optional input that is left out.
    private(set) var inputs: [String] = []
    private(set) var outputs: [String] = []
    private var attributes: [String: ONNXAttribute.Value] = [:]
    private let bytes: FileBytes

    /// Of inputs, outputs and attributes, each. The operators that are read take a few; only Concat takes any number.
    private static let listLimit = 128

    init(_ bytes: FileBytes, index: Int) throws(ModelFormatError) {
        self.bytes = bytes
        var list: [ONNXAttribute] = []
        var reader = ProtobufReader(bytes, message: "NodeProto")
        while let field = try reader.next() {
            switch field.number {
            case 1: inputs.append(try field.string())
            case 2: outputs.append(try field.string())
            case 3: name = try field.string()
            case 4: operatorName = try field.string()
            case 5: list.append(try ONNXAttribute(try field.bytes()))
            case 7: domain = try field.string()
            default: break
            }
            guard max(inputs.count, outputs.count, list.count) <= Self.listLimit else {
                throw unsupported(
                    "inputs, outputs and attributes", found: "more than \(Self.listLimit) of one kind",
                    supported: "at most \(Self.listLimit) of each")
            }
        }
        if name.isEmpty { name = outputs.first ?? "#\(index)" }
        for attribute in list {
            guard attributes.updateValue(attribute.value, forKey: attribute.name) == nil else {
                throw malformed("attribute \(attribute.name.quoted)", expected: "one", found: "two")
            }
        }
    }

    /// Whether `domain` is ONNX's own.
    static func isDefault(domain: String) -> Bool { domain.isEmpty || domain == "ai.onnx" }

    /// Where the node is, for errors.
    var location: String { "node \(name.quoted) (\(operatorName.isEmpty ? "no operator" : operatorName.quoted))" }

    func malformed(_ part: String, expected: String, found: String) -> ModelFormatError {
        bytes.malformed("\(location), \(part)", expected: expected, found: found)
    }

    func unsupported(_ part: String, found: String, supported: String) -> ModelFormatError {
        bytes.unsupported("\(location), \(part)", found: found, supported: supported)
    }
}

extension ONNXNode {
    /// `nil` where the file does not have the attribute.
    func integer(_ name: String) throws(ModelFormatError) -> Int64? {
        guard let value = attributes[name] else { return nil }
        guard case .integer(let integer) = value else { throw mismatch(name, expected: "an integer", value) }
        return integer
    }

    func float(_ name: String) throws(ModelFormatError) -> Float? {
        guard let value = attributes[name] else { return nil }
        guard case .float(let float) = value else { throw mismatch(name, expected: "a float", value) }
        return float
    }

    func string(_ name: String) throws(ModelFormatError) -> String? {
        guard let value = attributes[name] else { return nil }
        guard case .string(let string) = value else { throw mismatch(name, expected: "text", value) }
        return string
    }

    func tensor(_ name: String) throws(ModelFormatError) -> ONNXTensor? {
        guard let value = attributes[name] else { return nil }
        guard case .tensor(let tensor) = value else { throw mismatch(name, expected: "a tensor", value) }
        return tensor
    }

    /// A list of integers, of `count` elements where that is given.
    func integers(_ name: String, count: Int? = nil) throws(ModelFormatError) -> [Int]? {
        guard let value = attributes[name] else { return nil }
        guard case .integers(let integers) = value else { throw mismatch(name, expected: "integers", value) }
        guard count == nil || integers.count == count else {
            throw malformed(
                "attribute \(name.quoted)", expected: "\(count ?? 0) integers", found: "\(integers.count)")
        }
        return integers.map { Int($0) }
    }

    func floats(_ name: String) throws(ModelFormatError) -> [Float]? {
        guard let value = attributes[name] else { return nil }
        guard case .floats(let floats) = value else { throw mismatch(name, expected: "floats", value) }
        return floats
    }

    /// `axis` of a tensor of `rank` dimensions, where −1 is the last.
    func axis(_ axis: Int, rank: Int) throws(ModelFormatError) -> Int {
        guard axis >= -rank, axis < rank else {
            throw malformed("axis", expected: "from \(-rank) to \(rank - 1)", found: "\(axis)")
        }
        return axis < 0 ? axis + rank : axis
    }

    /// `axis` of a value whose shape an image is `shape`, with `leading` axes for the images: from 0 on, among one image's.
    func axis(_ axis: Int, of shape: [Int], leading: Int) throws(ModelFormatError) -> Int {
        let axis = try self.axis(axis, rank: shape.count + leading)
        guard axis >= leading else {
            throw unsupported("axis", found: "0, that of the images", supported: "axes within one image")
        }
        return axis - leading
    }

    /// Refuses a switch (0 or 1) that is on.
    func refuse(_ name: String, default standard: Int64 = 0, supported: String) throws(ModelFormatError) {
        let value = try integer(name) ?? standard
        guard value == 0 else { throw unsupported("attribute \(name.quoted)", found: "\(value)", supported: supported) }
    }

    private func mismatch(_ name: String, expected: String, _ value: ONNXAttribute.Value) -> ModelFormatError {
        malformed("attribute \(name.quoted)", expected: expected, found: value.kind)
    }
}
