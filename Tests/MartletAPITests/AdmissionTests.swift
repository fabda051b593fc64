import HTTPServer
import HTTPTypes
import Testing

@testable import MartletAPI

/// What is decided of a request before its content is read.
struct AdmissionTests {
    private let fixture: KeyFixture

    init() throws { fixture = try KeyFixture() }

    private func request(_ startLine: String, _ key: KeyText? = nil) throws -> Request {
        let words = startLine.split(separator: " ").map(String.init)
        return Request(
            head: HTTPRequest(
                method: try #require(HTTPRequest.Method(rawValue: words[0])), scheme: "http", authority: "localhost",
                path: words[1], headerFields: key.map { .bearer($0) } ?? [:]))
    }

    private func refusal(_ api: MartletAPI, _ startLine: String, _ key: KeyText? = nil) throws -> Response? {
        switch api.admit(try request(startLine, key)) {
        case .admitted: nil
        case .refused(let response): response
        }
    }

    @Test func `A stranger's content is not waited for, nor what nothing takes`() throws {
        let (infer, admin) = (try fixture.key([.infer]), try fixture.key([.admin]))
        let api = try fixture.api()
        for (startLine, key, status) in [
            ("POST /classify", nil, 401), ("POST /classify", KeyText.random(), 401), ("POST /classify", admin, 403),
            ("POST /classify", infer, nil), ("POST /classify?nonsense=1", infer, 400), ("POST /nothing", infer, 404),
            ("PUT /classify", infer, 405), ("BREW /classify", infer, 501), ("GET /health/live", nil, 413),
            ("HEAD /", nil, 413), ("GET /models", nil, 401), ("GET /models", infer, 413),
            ("OPTIONS /classify", nil, 204),
            ("POST /%", nil, 400),
        ] as [(String, KeyText?, Int?)] {
            #expect(try refusal(api, startLine, key)?.status.code == status, "\(startLine)")
        }
    }

    @Test func `A refusal is one as always, and is counted as always`() async throws {
        _ = try fixture.key([.infer])
        let access = Access(keys: try fixture.ring(), crossOrigin: .any)
        let api = MartletAPI(backend: .fake, access: access, logger: .silent)
        let early = try #require(try refusal(api, "POST /classify"))
        let late = await api.respond(to: try request("POST /classify"))
        #expect(early.headerFields == late.headerFields && early.body == late.body)
        #expect(api.counts.refused.first { $0.type == .missingKey }?.count == 2)
        #expect(api.counts.answered.first { $0.route == "/classify" }?.counts == [0, 0, 2, 0])
    }

    @Test func `One request takes one token of its key's rate`() async throws {
        let key = try fixture.key([.infer], rate: "2/h")
        let api = try fixture.api()
        for expected in [200, 200, 429] {
            var request = try request("POST /classify", key)
            switch api.admit(request) {
            case .admitted(let finding):
                (request.finding, request.body) = (finding, jpeg("cat"))
                #expect(await api.respond(to: request).status.code == expected)
            case .refused(let response): #expect(response.status.code == expected)
            }
        }
        #expect(api.counts.answered.first { $0.route == "/classify" }?.counts == [2, 0, 1, 0])
    }
}
