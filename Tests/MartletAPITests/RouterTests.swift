import HTTPTypes
import Testing

@testable import MartletAPI

@Suite("The router")
struct RouterTests {
    let api = MartletAPI(.fake)

    @Test(
        "answers 404 for paths that do not exist",
        arguments: ["/nothing", "/classify/", "//classify", "/models/", "/models/a/b", "/CLASSIFY", "*"])
    func unknownPath(_ path: String) async throws {
        let response = try await api.response("GET \(path)")
        #expect(response.status == .notFound)
    }

    @Test("answers 405 with Allow for methods that a path does not take")
    func methodNotAllowed() async throws {
        let answer = try await api.answer("GET /classify")
        #expect(
            answer == #"""
                405
                Allow: POST, OPTIONS
                Content-Type: application/problem+json

                {"type":"/problems/method-not-allowed","title":"The route does not take this method","status":405,\#
                "detail":"'/classify' takes POST, OPTIONS; found GET."}

                """#)
        let delete = try await api.response("DELETE /models/lite")
        #expect(delete.status == .methodNotAllowed && delete.headerFields[.allow] == "GET, HEAD, OPTIONS")
    }

    @Test("answers 501 for methods that nothing takes, and 405 for those that another path may take (RFC 9110 §9.1)")
    func unknownMethod() async throws {
        #expect(try await api.response("BREW /classify").status == .notImplemented)
        #expect(try await api.response("get /models").status == .notImplemented)
        #expect(try await api.response("TRACE /models").status == .methodNotAllowed)
    }

    @Test(
        "refuses to change what has no version under the condition that it has one, RFC 9110 §13.2.1",
        arguments: [
            ("POST /classify", [.ifMatch: #""1""#], 412), ("POST /classify", [.ifNoneMatch: "*"], 200),
            ("POST /classify", [.ifMatch: "*"], 412), ("POST /classify", [.ifNoneMatch: #""1""#], 200),
            ("DELETE /classify", [.ifMatch: #""1""#], 405), ("POST /nothing", [.ifMatch: #""1""#], 404),
            ("POST /v2/repository/models/dark/load", [.ifMatch: #""1""#], 404),
            ("POST /v2/repository/models/lite/load", [.ifMatch: #""1""#], 412),
        ] as [(String, HTTPFields, Int)])
    func conditions(_ startLine: String, _ fields: HTTPFields, _ status: Int) async throws {
        let response = try await api.response(startLine, fields, body: jpeg("cat"), locality: .loopback)
        #expect(response.status.code == status)
    }

    @Test("answers OPTIONS with the methods of the path", arguments: ["/models", "/models/lite", "/health/live"])
    func options(_ path: String) async throws {
        #expect(try await api.answer("OPTIONS \(path)") == "204\nAllow: GET, HEAD, OPTIONS\n\n")
    }

    @Test("answers OPTIONS * with the methods of the server")
    func optionsOfServer() async throws {
        #expect(try await api.answer("OPTIONS *") == "204\nAllow: GET, HEAD, POST, OPTIONS\n\n")
    }

    @Test(
        "answers HEAD as GET",
        arguments: ["/", "/models", "/models/lite", "/health/live", "/health/ready", "/openapi.yaml"])
    func head(_ path: String) async throws {
        let (head, get) = (try await api.response("HEAD \(path)"), try await api.response("GET \(path)"))
        #expect(head.status == .ok)
        #expect(head.headerFields == get.headerFields)
    }

    @Test("decodes the path before it compares: an encoded letter is that letter (RFC 3986 §6.2.2.2)")
    func encodedLetters() async throws {
        #expect(try await api.response("GET /he%61lth/live").status == .ok)
        #expect(try await api.response("GET /health%2Flive").status == .notFound)
    }

    @Test(
        "answers 400 for a path that is not percent-encoded UTF-8",
        arguments: ["/models/%", "/models/%4", "/models/%FF"])
    func malformedPath(_ path: String) async throws {
        #expect(try await api.response("GET \(path)").status == .badRequest)
    }

    @Test("refuses unknown parameters also where a route takes none")
    func unknownParameter() async throws {
        let answer = try await api.answer("GET /health/live?verbose=1")
        #expect(
            answer == #"""
                400
                Content-Type: application/problem+json

                {"type":"/problems/unknown-parameter","title":"A parameter is not known","status":400,\#
                "detail":"There is no parameter 'verbose'; this route takes none.","parameter":"verbose","available":[]}

                """#)
    }
}

@Suite("Query parameters")
struct QueryParametersTests {
    @Test("are decoded as forms write them")
    func decoding() throws {
        let query = try QueryParameters("a=1+2%2B%C3%A9&b=x=y&&c", known: ["a", "b", "c"])
        #expect(query.string("a") == "1 2+é")
        #expect(query.string("b") == "x=y")
        #expect(query.string("c") == nil)
    }

    @Test("are refused where they are not UTF-8", arguments: ["a=%FF", "a=%C3", "%E2%82=1", "a=%ed%a0%80"])
    func notUTF8(_ query: String) {
        #expect(throws: Problem.self) { try QueryParameters(query[...], known: ["a"]) }
    }
}
