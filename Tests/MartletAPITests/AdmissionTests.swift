import Foundation
import HTTPServer
import HTTPTypes
import Testing

@testable import MartletAPI

/// What is decided of a request before its content is read.
struct AdmissionTests {
    private let fixture: KeyFixture

    init() throws { fixture = try KeyFixture() }

    private func request(_ startLine: String, _ key: KeyText? = nil, _ fields: HTTPFields = [:]) throws -> Request {
        let words = startLine.split(separator: " ").map(String.init)
        var head = HTTPRequest(
            method: try #require(HTTPRequest.Method(rawValue: words[0])), scheme: "http", authority: "localhost",
            path: words[1], headerFields: fields)
        head.headerFields[.authorization] = key.map { "Bearer \($0.text)" }
        return Request(head: head)
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
            ("OPTIONS /classify", nil, 204), ("GET /models?nonsense=1", infer, 400),
            ("POST /%", nil, 400),
        ] as [(String, KeyText?, Int?)] {
            #expect(try refusal(api, startLine, key)?.status.code == status, "\(startLine)")
        }
    }

    @Test func `Who sends much to what takes nothing is told so`() throws {
        for (fields, found) in [
            ([.contentLength: "5000"], "5000 bytes"),
            ([.transferEncoding: "chunked"], "chunks, which do not say how many bytes come"),
        ] as [(HTTPFields, String)] {
            guard case .refused(let response) = MartletAPI(.fake).admit(try request("HEAD /models", nil, fields)) else {
                Issue.record("admitted")
                continue
            }
            let detail = try #require(try jsonObject(response.body)["detail"] as? String)
            #expect(detail == "HEAD /models takes no content; up to 1024 bytes are passed over, found \(found).")
        }
    }

    // MARK: While content comes

    /// The answer to a request whose content takes so long that `meanwhile` is over before its end.
    private func answer(
        _ key: KeyText?, _ ring: KeyRing, meanwhile: () async throws -> Void
    ) async throws -> Response? {
        let api = MartletAPI(backend: .fake, access: Access(keys: ring), logger: .silent)
        var request = try request("POST /classify", key)
        guard case .admitted(let finding) = api.admit(request) else { return nil }
        try await meanwhile()
        await ring.reload()
        (request.finding, request.body) = (finding, jpeg("cat"))
        return await api.respond(to: request)
    }

    @Test func `A key that is removed while the content comes is not answered`() async throws {
        let (key, other) = (try fixture.key([.infer], name: "a"), try fixture.key([.infer], name: "b"))
        let ring = try fixture.ring()
        let removed = try await answer(key, ring) { _ = try fixture.file.remove("a") }
        #expect(removed?.status == .unauthorized)
        #expect(try jsonObject(removed?.body ?? [])["type"] as? String == "/problems/invalid-key")
        #expect(try await answer(other, ring) { _ = try fixture.key([.infer]) }?.status == .ok)
    }

    @Test func `A key that expires while the content comes is not answered`() async throws {
        let key = try fixture.key([.infer], expires: .distantFuture)
        let late = try await answer(key, try fixture.ring()) {
            let text = try String(contentsOfFile: fixture.file.path, encoding: .utf8)
            try text.replacing(/"expires" : "\d+/, with: "\"expires\" : \"2001")
                .write(toFile: fixture.file.path, atomically: false, encoding: .utf8)
        }
        #expect(try jsonObject(late?.body ?? [])["type"] as? String == "/problems/expired-key")
    }

    @Test func `Who came before there were keys needs one when there are`() async throws {
        let ring = try KeyRing(fixture.file, isRequired: false, logger: .silent)
        #expect(try await answer(nil, ring) {}?.status == .ok)
        let late = try await answer(nil, ring) { _ = try fixture.key([.infer]) }
        #expect(try jsonObject(late?.body ?? [])["type"] as? String == "/problems/missing-key")
    }

    // MARK: Counting

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
