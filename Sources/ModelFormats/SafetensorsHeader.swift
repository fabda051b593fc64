/// The JSON header of a safetensors file: tensors by name, beside `__metadata__`, which is skipped.
struct SafetensorsHeader: Decodable {
    let entries: [String: SafetensorsEntry]

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: TensorName.self)
        var entries: [String: SafetensorsEntry] = [:]
        for key in container.allKeys where key.stringValue != "__metadata__" {
            entries[key.stringValue] = try container.decode(SafetensorsEntry.self, forKey: key)
        }
        self.entries = entries
    }

    private struct TensorName: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}

/// One tensor of the header.
struct SafetensorsEntry: Decodable {
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
}
