/// Compares values with the schemas of an OpenAPI document, as far as JSON Schema's words are used there.
struct SchemaCheck {
    /// Where `$ref` leads to.
    let document: JSONValue

    /// What is wrong with a value. A member that no schema describes is wrong as well.
    func faults(in value: JSONValue, _ schema: JSONValue, at place: String = "") -> [String] {
        faults(in: value, schema, at: place, otherMembers: [])
    }

    /// What `#/…` stands for.
    func resolved(_ reference: String) -> JSONValue? {
        reference.split(separator: "/").dropFirst().reduce(document) { $0?[String($1)] }
    }

    private func faults(
        in value: JSONValue, _ schema: JSONValue, at place: String, otherMembers: Set<String>
    ) -> [String] {
        if let reference = schema["$ref"]?.string {
            guard let schema = resolved(reference) else { return ["\(place): there is no \(reference)"] }
            return faults(in: value, schema, at: place, otherMembers: otherMembers)
        }
        var faults =
            schemaTypes(schema).isEmpty || schemaTypes(schema).contains { has(value, type: $0) }
            ? [] : ["\(place): is not of type \(schemaTypes(schema))"]
        if let choices = schema["enum"], !choices.array.contains(value) {
            faults.append("\(place): is not in the enum")
        }
        if let minimum = schema["minimum"]?.number, let number = value.number, number < minimum {
            faults.append("\(place): is less than \(minimum)")
        }
        if let maximum = schema["maximum"]?.number, let number = value.number, number > maximum {
            faults.append("\(place): is more than \(maximum)")
        }
        let known = members(of: schema).union(otherMembers)
        for part in schema["allOf"]?.array ?? [] {
            faults += self.faults(in: value, part, at: place, otherMembers: known)
        }
        if let choices = schema["oneOf"]?.array {
            let fitting = choices.count { self.faults(in: value, $0, at: place, otherMembers: known).isEmpty }
            if fitting != 1 { faults.append("\(place): fits \(fitting) of oneOf") }
        }
        if let items = schema["items"] {
            for (index, element) in value.array.enumerated() {
                faults += self.faults(in: element, items, at: "\(place)[\(index)]")
            }
        }
        if case .object(let found) = value {
            faults += missing(in: found, schema).map { "\(place): has no \($0)" }
            for (name, member) in found.sorted(by: { $0.key < $1.key }) {
                if let described = schema["properties"]?[name] {
                    faults += self.faults(in: member, described, at: "\(place).\(name)")
                } else if let others = schema["additionalProperties"], others != .bool(false) {
                    faults += self.faults(in: member, others, at: "\(place).\(name)")
                } else if !known.contains(name) {
                    faults.append("\(place).\(name): is not described")
                }
            }
        }
        return faults
    }

    private func missing(in members: [String: JSONValue], _ schema: JSONValue) -> [String] {
        let dependent = schema["dependentRequired"]?.object.filter { members[$0.key] != nil } ?? [:]
        let required = ([schema["required"] ?? .null] + dependent.values).flatMap(\.array).compactMap(\.string)
        return Set(required).filter { members[$0] == nil }.sorted()
    }

    /// The members that a schema or one of its parts describes.
    func members(of schema: JSONValue) -> Set<String> {
        let parts =
            ["allOf", "oneOf"].flatMap { schema[$0]?.array ?? [] }
            + (schema["$ref"]?.string.flatMap(resolved).map { [$0] } ?? [])
        return parts.reduce(Set(schema["properties"]?.object.keys.map { $0 } ?? [])) { $0.union(members(of: $1)) }
    }

    private func schemaTypes(_ schema: JSONValue) -> [String] {
        schema["type"].map { type in type.string.map { [$0] } ?? type.array.compactMap(\.string) } ?? []
    }

    private func has(_ value: JSONValue, type: String) -> Bool {
        switch value {
        case .null: type == "null"
        case .bool: type == "boolean"
        case .number(let number): type == "number" || (type == "integer" && number == number.rounded())
        case .string: type == "string"
        case .array: type == "array"
        case .object: type == "object"
        }
    }
}
