/// Any JSON value: a Keras configuration has another form for each class of layer.
///
/// Documents nested more than 512 levels deep are refused by Foundation's parser.
enum JSONValue: Decodable, Equatable, Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    init(from decoder: any Decoder) throws {
        if let values = try? decoder.container(keyedBy: Key.self) {
            var object: [String: JSONValue] = [:]
            for key in values.allKeys { object[key.stringValue] = try values.decode(JSONValue.self, forKey: key) }
            self = .object(object)
        } else if var values = try? decoder.unkeyedContainer() {
            var array: [JSONValue] = []
            while !values.isAtEnd { array.append(try values.decode(JSONValue.self)) }
            self = .array(array)
        } else {
            let value = try decoder.singleValueContainer()
            if value.decodeNil() {
                self = .null
            } else if let bool = try? value.decode(Bool.self) {
                self = .bool(bool)
            } else if let number = try? value.decode(Double.self) {
                self = .number(number)
            } else {
                self = .string(try value.decode(String.self))
            }
        }
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    subscript(key: String) -> JSONValue {
        if case .object(let values) = self { values[key] ?? .null } else { .null }
    }

    var string: String? { if case .string(let value) = self { value } else { nil } }
    var array: [JSONValue]? { if case .array(let values) = self { values } else { nil } }
    var number: Double? { if case .number(let value) = self { value } else { nil } }
    var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    /// A whole number.
    var integer: Int? { number.flatMap(Int.init(exactly:)) }
    var isObject: Bool { if case .object = self { true } else { false } }
}

extension JSONValue: CustomStringConvertible {
    /// Short, for error messages.
    var description: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .number(let value): integer.map(String.init) ?? "\(value)"
        case .string(let value): value.quoted
        case .array(let values) where values.count <= 8 && values.allSatisfy({ $0.number != nil || $0 == .null }):
            "[\(values.map(\.description).joined(separator: ", "))]"
        case .array(let values): "a list of \(values.count)"
        case .object(let values): values["class_name"]?.string.map { "a \($0.quoted)" } ?? "an object"
        }
    }
}
