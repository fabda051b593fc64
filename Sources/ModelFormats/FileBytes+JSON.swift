import FoundationEssentials

extension FileBytes {
    /// The JSON document that the bytes are.
    ///
    /// Throws an error that names the field: `config.json: field 'weights.sha256': expected a value, found none`.
    func decodeJSON<T: Decodable>(_ type: T.Type) throws(ModelFormatError) -> T {
        do {
            return try JSONDecoder().decode(type, from: Data(copy))
        } catch let error as DecodingError {
            throw malformed(error)
        } catch {
            throw malformed("JSON", expected: "a valid document", found: "\(error)")
        }
    }

    private func malformed(_ error: DecodingError) -> ModelFormatError {
        switch error {
        case .keyNotFound(let key, let context):
            return malformed(field(context.codingPath + [key]), expected: "a value", found: "none")
        case .valueNotFound(let type, let context):
            return malformed(field(context.codingPath), expected: "\(type)", found: "null")
        case .typeMismatch(let type, let context):
            return malformed(field(context.codingPath), expected: "\(type)", found: context.debugDescription)
        case .dataCorrupted(let context):
            let syntaxError = context.codingPath.isEmpty ? jsonSyntaxError : nil
            return malformed(
                field(context.codingPath), expected: "a valid value", found: syntaxError ?? context.debugDescription)
        @unknown default:
            return malformed("JSON", expected: "a valid document", found: "\(error)")
        }
    }

    private func field(_ path: [any CodingKey]) -> String {
        path.isEmpty ? "JSON" : "field \(path.map(\.stringValue).joined(separator: ".").quoted)"
    }
}
