/// The JSON header of a safetensors file: tensors by name, and free metadata.
struct SafetensorsHeader: Codable {
    let entries: [String: SafetensorsEntry]
    let metadata: [String: String]

    /// What stands among the tensors' names for the metadata.
    static let metadataName = "__metadata__"

    init(entries: [String: SafetensorsEntry], metadata: [String: String]) {
        self.entries = entries
        self.metadata = metadata
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: TensorName.self)
        var entries: [String: SafetensorsEntry] = [:]
        for key in container.allKeys where key.stringValue != Self.metadataName {
            entries[key.stringValue] = try container.decode(SafetensorsEntry.self, forKey: key)
        }
        self.entries = entries
        let name = TensorName(stringValue: Self.metadataName)
        metadata = try container.decodeIfPresent([String: String].self, forKey: name) ?? [:]
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: TensorName.self)
        for (name, entry) in entries { try container.encode(entry, forKey: TensorName(stringValue: name)) }
        if !metadata.isEmpty { try container.encode(metadata, forKey: TensorName(stringValue: Self.metadataName)) }
    }

    private struct TensorName: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}

/// One tensor of the header.
struct SafetensorsEntry: Codable {
    let dtype: String
    let shape: [Int]
    /// Where its bytes begin and end, from the start of the data; not yet checked.
    let begin: Int
    let end: Int

    /// Only valid once checked.
    var range: Range<Int> { begin..<end }

    /// Bytes an element, of the types that the format defines.
    static let elementSizes = [
        "BOOL": 1, "U8": 1, "I8": 1, "F8_E5M2": 1, "F8_E4M3": 1, "I16": 2, "U16": 2, "F16": 2, "BF16": 2,
        "I32": 4, "U32": 4, "F32": 4, "F64": 8, "I64": 8, "U64": 8,
    ]

    init(dtype: String, shape: [Int], begin: Int, end: Int) {
        self.dtype = dtype
        self.shape = shape
        self.begin = begin
        self.end = end
    }

    private enum CodingKeys: String, CodingKey {
        case dtype, shape
        case offsets = "data_offsets"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        dtype = try container.decode(String.self, forKey: .dtype)
        shape = try container.decode([Int].self, forKey: .shape)
        let offsets = try container.decode([Int].self, forKey: .offsets)
        guard offsets.count == 2 else {
            throw DecodingError.dataCorruptedError(
                forKey: .offsets, in: container, debugDescription: "\(offsets.count) numbers instead of two")
        }
        (begin, end) = (offsets[0], offsets[1])
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(dtype, forKey: .dtype)
        try container.encode(shape, forKey: .shape)
        try container.encode([begin, end], forKey: .offsets)
    }
}
