/// The options of a job, by name, each read as the type that it must have.
struct JobOptionValues: Sendable {
    private var values: [String: JobOption.Value] = [:]

    /// - Parameters:
    ///   - query: goes before JSON, which may be a file that is sent again and again. A form's fields stand beside it in one
    ///     command: they may not say something else.
    ///   - body: may give an option twice where it says the same.
    ///   - known: the options' names; others in the body are refused rather than ignored, because a misspelt one would
    ///     otherwise pass as its default.
    init(query: QueryParameters, body: [JobOption], known: [String]) throws(Problem) {
        for option in body {
            let name = option.name.excerpt()
            guard known.contains(option.name) else {
                let hint = if case .text = option.value { " " + LabelledUpload.fileHint } else { "" }
                throw Problem(
                    .unknownParameter,
                    "There is no option '\(name)'; expected \(known.joined(separator: ", ")).\(hint)"
                ).with("parameter", .string(name)).with("available", .strings(known))
            }
            guard values.updateValue(option.value, forKey: option.name).map({ $0 == option.value }) ?? true else {
                throw Problem(.invalidParameter, "'\(name)' is given twice, with different values.")
                    .with("parameter", .string(name))
            }
        }
        for name in known {
            guard let text = query.string(name) else { continue }
            if case .text(let field) = values[name], !field.isEmpty, field != text {
                throw Problem(
                    .invalidParameter,
                    "'\(name)' is '\(text.excerpt())' in the query and '\(field.excerpt())' in the form; give it once."
                ).with("parameter", .string(name))
            }
            values[name] = .text(text)
        }
    }

    func string(_ name: String) throws(Problem) -> String? {
        try read(name, "a string") { text in
            text
        } json: { scalar in
            if case .string(let string) = scalar { string } else { nil }
        }
    }

    /// May be infinite: a number beyond the greatest double.
    func number(_ name: String) throws(Problem) -> Double? {
        try read(name, "a number", \.double)
    }

    func integer(_ name: String) throws(Problem) -> Int? {
        try read(name, "a whole number", \.integer)
    }

    func unsigned(_ name: String) throws(Problem) -> UInt64? {
        try read(name, "a whole number from 0 to \(UInt64.max)", \.unsigned)
    }

    func bool(_ name: String) throws(Problem) -> Bool? {
        try read(name, "true or false") { text in
            Bool(text)
        } json: { scalar in
            if case .bool(let bool) = scalar { bool } else { nil }
        }
    }

    func choice<Choice: RawRepresentable<String> & CaseIterable>(_ name: String) throws(Problem) -> Choice? {
        let expected = "one of " + Choice.allCases.map(\.rawValue).joined(separator: ", ")
        return try read(name, expected, text: Choice.init) { scalar in
            if case .string(let string) = scalar { Choice(rawValue: string) } else { nil }
        }
    }

    private func read<Value>(
        _ name: String, _ expected: String, _ value: (JSONNumber) -> Value?
    ) throws(Problem) -> Value? {
        try read(name, expected) { text in
            JSONNumber(text).flatMap(value)
        } json: { scalar in
            if case .number(let number) = scalar { value(number) } else { nil }
        }
    }

    private func read<Value>(
        _ name: String, _ expected: String, text: (String) -> Value?, json: (JSONScalar) -> Value?
    ) throws(Problem) -> Value? {
        let value: Value?
        let found: String
        switch values[name] {
        case nil, .text(""), .json(.null): return nil
        case .text(let content): (value, found) = (text(content), content)
        case .json(let scalar): (value, found) = (json(scalar), scalar.shown)
        }
        guard let value else { throw .invalidParameter(name, expected: expected, found: found) }
        return value
    }
}

extension JSONScalar {
    fileprivate var shown: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .string(let text): "\"\(text)\""
        case .number(let number): number.text
        case .array: "an array"
        case .object: "an object"
        }
    }
}
