import Foundation
import HTTPServer
import HTTPTypes
import Testing

@testable import MartletAPI

/// openapi.yaml, as far as answers can be compared with it.
struct APIDescription {
    let check: SchemaCheck

    private static let document = Result {
        try YAMLReader.value(of: String(decoding: PackageResources.openapi_yaml, as: UTF8.self))
    }

    static func shared() throws -> APIDescription {
        APIDescription(check: SchemaCheck(document: try document.get()))
    }

    /// The ids of the operations that have the tag.
    func operations(tagged tag: String) -> Set<String> {
        let operations = (check.document["paths"]?.object ?? [:]).values.flatMap(\.object.values)
        return Set(operations.filter { $0["tags"]?.array == [.string(tag)] }.compactMap { $0["operationId"]?.string })
    }

    /// The id of the operation that answers a request such as `GET /heads?limit=1`, and what is not described of the answer.
    func faults(in response: Response, to startLine: String) throws -> (operation: String, faults: [String]) {
        let words = startLine.split(separator: " ")
        let path = words[1].prefix { $0 != "?" }.split(separator: "/", omittingEmptySubsequences: false).map(
            String.init)
        let paths = try #require(check.document["paths"]).object
        let name = try #require(paths.keys.first { PathPattern($0).match(path) != nil }, "\(startLine)")
        let operation = try #require(paths[name]?[words[0].lowercased()], "\(startLine)")
        let id = try #require(operation["operationId"]?.string)
        let responses = try #require(operation["responses"])
        guard var described = responses["\(response.status.code)"] ?? responses["default"] else {
            return (id, ["status \(response.status.code) is not described"])
        }
        if response.status.code < 400, responses["\(response.status.code)"] == nil {
            return (id, ["status \(response.status.code) is not described"])
        }
        if let reference = described["$ref"]?.string { described = try #require(check.resolved(reference)) }
        guard let type = response.headerFields[.contentType] else {
            return (id, described["content"] == nil ? [] : ["has no content"])
        }
        let any = type.prefix { $0 != "/" } + "/*"
        guard let content = described["content"]?[type] ?? described["content"]?[String(any)] else {
            return (id, ["\(type) is not described"])
        }
        guard type.hasSuffix("json"), let schema = content["schema"] else { return (id, []) }
        return (id, check.faults(in: try JSONDecoder().decode(JSONValue.self, from: Data(response.body)), schema))
    }
}
