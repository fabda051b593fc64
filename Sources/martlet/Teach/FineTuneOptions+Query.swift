import Foundation
import Service

extension FineTuneOptions {
    /// What differs from the defaults, as the query of `POST /fine-tune`.
    var query: String {
        let (own, usual) = (values, FineTuneOptions().values)
        return CodingKeys.allCases.compactMap { key in
            guard let value = own[key.rawValue], value != usual[key.rawValue] else { return nil }
            return "\(key.rawValue)=\(value.text)"
        }.joined(separator: "&")
    }

    private var values: [String: QueryValue] {
        // Numbers, names and words: there is nothing that JSON cannot say.
        (try? JSONDecoder().decode([String: QueryValue].self, from: JSONEncoder().encode(self))) ?? [:]
    }
}

/// A member of JSON as text.
private struct QueryValue: Decodable, Equatable {
    let text: String

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        text =
            if let number = try? value.decode(UInt64.self) {
                "\(number)"
            } else if let number = try? value.decode(Double.self) {
                "\(number)"
            } else if let bool = try? value.decode(Bool.self) {
                "\(bool)"
            } else {
                try value.decode(String.self)
            }
    }
}
