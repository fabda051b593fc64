import Foundation
import Testing

struct SchemaCheckTests {
    private let check = SchemaCheck(document: .null)

    private func faults(_ json: String, _ schema: String) throws -> [String] {
        check.faults(
            in: try JSONDecoder().decode(JSONValue.self, from: Data(json.utf8)), try YAMLReader.value(of: schema))
    }

    @Test(arguments: [
        (#"{"a": 1}"#, []),
        (#"{"a": 1, "b": [true, false]}"#, []),
        (#"{"a": 1, "c": "x", "b": []}"#, []),
        (#"{}"#, [": has no a"]),
        (#"{"a": 1.5}"#, [".a: is not of type [\"integer\"]"]),
        (#"{"a": true}"#, [".a: is not of type [\"integer\"]"]),
        (#"{"a": 0}"#, [".a: is less than 1.0"]),
        (#"{"a": 10}"#, [".a: is more than 9.0"]),
        (#"{"a": 1, "b": [true, null]}"#, [".b[1]: is not of type [\"boolean\"]"]),
        (#"{"a": 1, "c": "z", "b": []}"#, [".c: is not in the enum"]),
        (#"{"a": 1, "c": "x"}"#, [": has no b"]),
        (#"{"a": 1, "d": null}"#, [".d: is not described"]),
        (#"[]"#, [": is not of type [\"object\"]"]),
    ])
    func `A value that does not fit its schema is found`(_ json: String, _ expected: [String]) throws {
        let schema = """
            type: object
            required: [a]
            dependentRequired:
              c: [b]
            properties:
              a: {type: integer, minimum: 1, maximum: 9}
              b:
                type: array
                items: {type: boolean}
              c: {type: string, enum: [x, "y"]}
            """
        #expect(try faults(json, schema) == expected)
    }

    @Test func `Parts and choices are compared together`() throws {
        let schema = """
            allOf:
              - properties:
                  a: {type: string}
              - properties:
                  b: {type: [string, "null"]}
                oneOf:
                  - required: [a]
                  - required: [b]
            """
        #expect(try faults(#"{"a": "1"}"#, schema) == [])
        #expect(try faults(#"{"b": null}"#, schema) == [])
        #expect(try faults(#"{"a": "1", "b": null}"#, schema) == [": fits 2 of oneOf"])
        #expect(try !faults(#"{"a": "1", "c": 1}"#, schema).isEmpty)
        #expect(try !faults(#"{"b": 1}"#, schema).isEmpty)
    }
}
