import Testing

@testable import MartletAPI

@Suite("openapi.yaml")
struct OpenAPITests {
    let api: MartletAPI

    init() async throws { api = try await TaughtServer().api }

    /// The document's lines, from the server itself.
    private func lines() async throws -> [Substring] {
        let response = try await api.response("GET /openapi.yaml")
        #expect(response.headerFields[.contentType] == "application/yaml")
        #expect(response.headerFields[.eTag] != nil)
        return String(decoding: response.body, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// The methods of each path.
    private func operations() throws -> [(path: String, method: String, value: JSONValue, shared: JSONValue?)] {
        let paths = try #require(APIDescription.shared().check.document["paths"]).object
        return paths.flatMap { path, item in
            item.object.filter { $0.key != "parameters" }.map {
                (path, $0.key.uppercased(), $0.value, item["parameters"])
            }
        }
    }

    @Test("describes exactly the routes there are")
    func routes() throws {
        let described = try operations().map { "\($0.method) \($0.path)" }
        #expect(described.sorted() == api.router.routes.map { "\($0.method.rawValue) \($0.path)" }.sorted())
    }

    @Test("describes exactly the parameters that each route takes")
    func parameters() throws {
        let check = try APIDescription.shared().check
        for operation in try operations() {
            let parameters = ((operation.shared?.array ?? []) + (operation.value["parameters"]?.array ?? [])).map {
                $0["$ref"]?.string.flatMap(check.resolved) ?? $0
            }
            func names(_ place: String) -> [String] {
                parameters.filter { $0["in"]?.string == place }.compactMap { $0["name"]?.string }
            }
            let route = try #require(
                api.router.routes.first {
                    $0.method.rawValue == operation.method && $0.path.description == operation.path
                })
            #expect(names("query") == route.parameters, "\(operation.method) \(operation.path)")
            let inPath = operation.path.matches(of: /{(\w+)}/).map { String($0.1) }
            #expect(names("path") == inPath, "\(operation.method) \(operation.path)")
        }
    }

    @Test("says what scope of key each route needs, and that it may be refused")
    func security() throws {
        for operation in try operations() {
            let name = "\(operation.method) \(operation.path)"
            let route = try #require(
                api.router.routes.first {
                    $0.method.rawValue == operation.method && $0.path.description == operation.path
                })
            let security = try #require(operation.value["security"], "\(name)").array
            #expect(
                security.compactMap { $0["key"]?.array.compactMap(\.string) }
                    == (route.scope.map { [[$0.rawValue]] } ?? []), "\(name)")
            #expect(
                security.compactMap { $0["keyField"]?.array.compactMap(\.string) }
                    == (route.scope.map { [[$0.rawValue]] } ?? []), "\(name)")
            let responses = Set(operation.value["responses"]?.object.keys.map(\.self) ?? [])
            #expect(responses.isSuperset(of: ["401", "403", "429"]) == (route.scope != nil), "\(name)")
        }
    }

    @Test("lists exactly the types of problems there are")
    func problemTypes() async throws {
        let described = try await lines().map { $0.drop(while: { $0 == " " }) }
            .filter { $0.hasPrefix("- /problems/") }.map { String($0.dropFirst(2)) }
        #expect(described == ProblemType.allCases.map(\.reference))
    }

    @Test("is in the binary, whole")
    func embedded() async throws {
        let lines = try await lines()
        #expect(lines.first == "openapi: 3.1.0" && lines.count > 400)
    }
}
