import Testing

@testable import MartletAPI

@Suite("openapi.yaml")
struct OpenAPITests {
    let api = MartletAPI(.fake)

    /// The document's lines, from the server itself.
    private func lines() async throws -> [Substring] {
        let response = try await api.response("GET /openapi.yaml")
        #expect(response.headerFields[.contentType] == "application/yaml")
        return String(decoding: response.body, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// The keys below `paths:` and the methods below them, by their indentation.
    private func operations() async throws -> [(path: String, method: String, lines: [Substring])] {
        var operations: [(path: String, method: String, lines: [Substring])] = []
        var path = ""
        let section = try await lines().drop { $0 != "paths:" }.dropFirst().prefix { $0.isEmpty || $0.hasPrefix(" ") }
        for line in section {
            switch line.prefix(while: { $0 == " " }).count {
            case 2: path = String(line.dropFirst(2).dropLast())
            case 4: operations.append((path, String(line.dropFirst(4).dropLast()), []))
            default: if !operations.isEmpty { operations[operations.count - 1].lines.append(line) }
            }
        }
        return operations
    }

    @Test("describes exactly the routes there are")
    func routes() async throws {
        let described = try await operations().map { "\($0.method.uppercased()) \($0.path)" }
        #expect(described.sorted() == api.router.routes.map { "\($0.method.rawValue) \($0.path)" }.sorted())
    }

    @Test("describes exactly the query parameters that each route takes")
    func parameters() async throws {
        for operation in try await operations() {
            let described = operation.lines.compactMap { line -> String? in
                let shared = ["Model": "model", "Version": "version", "Timeout": "timeout_ms", "Priority": "priority"]
                for (name, parameter) in shared where line.hasSuffix("#/components/parameters/\(name)\"") {
                    return parameter
                }
                return line.hasPrefix("        - name: ") ? String(line.dropFirst("        - name: ".count)) : nil
            }
            let route = try #require(
                api.router.routes.first {
                    $0.method.rawValue == operation.method.uppercased() && $0.path.description == operation.path
                })
            let inPath = operation.path.contains("{model}") ? ["model"] : []
            #expect(described == route.parameters + inPath, "\(operation.method) \(operation.path)")
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
