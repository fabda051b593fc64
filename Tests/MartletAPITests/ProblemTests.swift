import HTTPTypes
import Logging
import Service
import Testing

@testable import HTTPServer
@testable import MartletAPI

@Suite("Problems")
struct ProblemTests {
    @Test(
        "say what an error of the service means for the client",
        arguments: [
            (ServiceError.unknownModel("a", available: ["b"]), 404, "unknown-model"),
            (.unknownLayer("a", model: "b", available: ["c"]), 404, "unknown-layer"),
            (.topKOutOfRange(0, classes: 9), 400, "invalid-parameter"),
            (.overloaded(reason: "full", retryAfterSeconds: 3), 429, "overloaded"), (.stopping, 503, "stopping"),
            (.cancelled, 408, "request-timeout"), (.failed("/etc/secret"), 500, "internal-error"),
        ])
    func serviceErrors(_ error: ServiceError, _ status: Int, _ type: String) async throws {
        let api = MartletAPI(.failing(error))
        for route in ["POST /classify", "POST /embed"] {
            let response = try await api.response(route, body: jpeg("cat"))
            #expect(response.status.code == status)
            #expect(response.headerFields[.contentType] == "application/problem+json")
            let problem = try jsonObject(response.body)
            #expect(problem["type"] as? String == "/problems/\(type)")
            #expect(problem["status"] as? Int == status)
            #expect(problem["title"] is String && problem["detail"] is String)
        }
    }

    @Test("say when to try again where too much waits")
    func retryAfter() async throws {
        let api = MartletAPI(.failing(.overloaded(reason: "full", retryAfterSeconds: 3)))
        #expect(try await api.response("POST /classify", body: jpeg("cat")).headerFields[.retryAfter] == "3")
    }

    @Test("tell the log, and not the client, what failed inside the server")
    func cause() async throws {
        let log = RecordingLog()
        let api = MartletAPI(
            backend: .failing(.failed("/etc/secret: layer 7")), logger: Logger(label: "test") { _ in log })
        let answer = try await api.answer("POST /classify?top_k=1", body: jpeg("cat"))
        #expect(answer.hasPrefix("500\n") && !answer.contains("secret"))
        #expect(log.recorded.lines.withLock { $0 } == ["error: POST /classify failed: /etc/secret: layer 7"])
    }

    @Test(
        "say what the HTTP server refuses before routing, with the status it chose",
        arguments: [
            (400, "malformed-request"), (408, "request-timeout"), (411, "length-required"), (413, "content-too-large"),
            (414, "uri-too-long"), (416, "range-not-satisfiable"),
            (417, "expectation-failed"), (421, "misdirected-request"), (431, "header-too-large"),
            (500, "internal-error"),
            (501, "not-implemented"), (503, "overloaded"), (504, "deadline-passed"), (505, "unsupported-http-version"),
        ])
    func protocolErrors(_ status: Int, _ type: String) throws {
        let response = MartletAPI(.fake).refusal(ProtocolError(HTTPResponse.Status(code: status), .notARequest, "why"))
        #expect(response.status.code == status)
        #expect(response.headerFields[.contentType] == "application/problem+json")
        let problem = try jsonObject(response.body)
        #expect(problem["type"] as? String == "/problems/\(type)")
        #expect(problem["status"] as? Int == status && problem["detail"] as? String == "why")
    }

    @Test("have a type, a title and an error status each", arguments: ProblemType.allCases)
    func types(_ type: ProblemType) {
        #expect(type.rawValue.allSatisfy { $0 == "-" || ("a"..."z").contains($0) })
        #expect((400...599).contains(type.status.code))
        #expect(!type.title.isEmpty && type.title.last != ".")
    }
}
