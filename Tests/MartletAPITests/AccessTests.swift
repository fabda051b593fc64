import Foundation
import HTTPServer
import HTTPTypes
import Logging
import Service
import Synchronization
import Testing

@testable import MartletAPI

/// Who is let in, through the router.
struct AccessTests {
    private let fixture: KeyFixture

    init() throws { fixture = try KeyFixture() }

    private func problem(_ response: Response) throws -> String? {
        try jsonObject(response.body)["type"] as? String
    }

    // MARK: Scopes

    /// What openapi.yaml promises: the routes' scopes, written down a second time.
    @Test func `Every route needs the scope that belongs to it`() async throws {
        let routes = try await TaughtServer().api.router.routes
        var needed: [String: Scope?] = [:]
        for route in routes { needed["\(route.method) \(route.path)"] = .some(route.scope) }
        for (scope, names): (Scope?, [String]) in [
            (
                nil,
                ["/", "/openapi.yaml", "/health/live", "/health/ready", "/v2/health/live", "/v2/health/ready"].map {
                    "GET \($0)"
                }
            ),
            (
                .infer,
                [
                    "POST /classify", "POST /embed", "GET /models", "GET /models/{model}", "POST /v2/repository/index",
                    "GET /heads",
                    "GET /heads/{head}", "GET /heads/{head}/versions", "GET /heads/{head}/versions/{version}",
                ]
            ),
            (
                .admin,
                [
                    "GET /metrics", "POST /v2/repository/models/{model}/load",
                    "POST /v2/repository/models/{model}/unload",
                ]
            ),
        ] {
            for name in names { #expect(needed.removeValue(forKey: name) == .some(.some(scope)), "\(name)") }
        }
        for (name, scope) in needed { #expect(scope == .teach, "\(name)") }
    }

    @Test func `A constant that needs a scope needs a key like all else`() async throws {
        _ = try fixture.key([.infer])
        let route = Route(.get, "/secret", scope: .admin, "", .constant(.text("secret")))
        let router = Router(
            [route], access: Access(keys: try fixture.ring()), counts: RequestCounts(), logger: .silent
        )
        let head = HTTPRequest(method: .get, scheme: "http", authority: "a", path: "/secret")
        #expect(await router.respond(to: Request(head: head)).status == .unauthorized)
    }

    private static let targets: [(Scope, String)] = [
        (.infer, "GET /models"), (.infer, "POST /classify"), (.admin, "GET /metrics"),
        (.admin, "POST /v2/repository/models/lite/load"), (.teach, "GET /datasets"), (.teach, "GET /jobs"),
    ]

    @Test(arguments: Scope.allCases)
    func `A key does what its scope says and nothing else`(_ scope: Scope) async throws {
        let key = try fixture.key([scope])
        let taught = try await TaughtServer()
        let api = MartletAPI(
            backend: .fake, teaching: taught.teaching, access: Access(keys: try fixture.ring()),
            logger: .silent)
        for (needed, target) in Self.targets {
            let response = try await api.response(
                target, .bearer(key), body: target.hasPrefix("POST") ? jpeg("cat") : [])
            if needed == scope {
                #expect(response.status == .ok, "\(target)")
            } else {
                #expect(response.status == .forbidden, "\(target)")
                #expect(try problem(response) == "/problems/insufficient-scope")
                #expect(try jsonObject(response.body)["scope"] as? String == needed.rawValue)
                #expect(
                    response.headerFields[.wwwAuthenticate]
                        == #"Bearer realm="martlet", error="insufficient_scope", scope="\#(needed.rawValue)""#)
            }
        }
    }

    @Test func `What says nothing of anybody needs no key`() async throws {
        _ = try fixture.key([.infer])
        let api = try fixture.api()
        for target in [
            "GET /", "GET /openapi.yaml", "GET /health/live", "GET /health/ready", "HEAD /health/live",
            "OPTIONS /classify",
        ] {
            #expect(try await api.response(target).status.kind == .successful, "\(target)")
        }
    }

    @Test func `Before there are keys all is open, but models are loaded from this machine only`() async throws {
        let api = MartletAPI(
            backend: .fake,
            access: Access(keys: try KeyRing(fixture.file, isRequired: false, logger: .silent)),
            logger: .silent)
        #expect(try await api.response("GET /metrics", remoteAddress: "192.0.2.1").status == .ok)
        #expect(try await api.response("GET /models", [.authorization: "Basic x"]).status == .ok)
        let load = "POST /v2/repository/models/lite/load"
        #expect(try await api.response(load, remoteAddress: "192.0.2.1").status == .forbidden)
        #expect(try await api.response(load, remoteAddress: "127.0.0.1", locality: .loopback).status == .ok)
        // Where a proxy by that address does not say that it is one.
        #expect(try await api.response(load, remoteAddress: "192.0.2.1", locality: .ownAddress).status == .forbidden)
    }

    @Test func `With keys, models are loaded from anywhere by who may, and from nowhere by others`() async throws {
        let (admin, infer) = (try fixture.key([.admin]), try fixture.key([.infer]))
        let api = try fixture.api()
        let load = "POST /v2/repository/models/lite/load"
        #expect(try await api.response(load, .bearer(admin), remoteAddress: "192.0.2.1").status == .ok)
        #expect(try await api.response(load, .bearer(infer), locality: .loopback).status == .forbidden)
        #expect(try await api.response(load, locality: .loopback).status == .unauthorized)
    }

    // MARK: Credentials

    @Test func `Without a key the answer is 401 and says what is needed`() async throws {
        _ = try fixture.key([.infer])
        let answer = try await fixture.api().answer("POST /classify", body: jpeg("cat"))
        #expect(
            answer == #"""
                401
                WWW-Authenticate: Bearer realm="martlet"
                Content-Type: application/problem+json

                {"type":"/problems/missing-key","title":"A key is needed","status":401,\#
                "detail":"This needs a key of scope infer: Authorization: Bearer KEY, or X-API-Key: KEY."}

                """#)
    }

    @Test func `A key is taken from either field, and from both where they agree`() async throws {
        let key = try fixture.key([.infer])
        let api = try fixture.api()
        for fields: HTTPFields in [
            [.authorization: "Bearer \(key.text)"], [.authorization: "bearer  \(key.text)"], [.apiKey: key.text],
            [.authorization: "Bearer \(key.text)", .apiKey: key.text],
        ] {
            #expect(try await api.response("GET /models", fields).status == .ok, "\(fields)")
        }
    }

    @Test func `What is meant for a proxy does not hide a key`() async throws {
        let key = try fixture.key([.infer])
        var fields: HTTPFields = [.authorization: "Basic aHVudGVyMg==", .apiKey: key.text]
        #expect(try await fixture.api().response("GET /models", fields).status == .ok)
        fields[.apiKey] = "x"
        #expect(try problem(try await fixture.api().response("GET /models", fields)) == "/problems/invalid-key")
    }

    @Test func `Keys that differ are refused, even where one is valid`() async throws {
        let key = try fixture.key([.infer])
        var twice = HTTPFields.bearer(key)
        twice.append(HTTPField(name: .authorization, value: "Bearer x"))
        for fields: HTTPFields in [[.authorization: "Bearer \(key.text)", .apiKey: "x"], twice] {
            let response = try await fixture.api().response("GET /models", fields)
            #expect(response.status == .badRequest)
            #expect(response.headerFields[.wwwAuthenticate] == #"Bearer realm="martlet", error="invalid_request""#)
        }
    }

    @Test func `A key that is wrong, expired or of another scheme is refused, and not repeated`() async throws {
        let expired = try fixture.key([.infer], expires: Date(timeIntervalSince1970: 0))
        let api = try fixture.api()
        let invalid = #"Bearer realm="martlet", error="invalid_token""#
        for (text, type, challenge) in [
            ("Bearer \(KeyText.random().text)", "invalid-key", invalid), ("Bearer hunter2", "invalid-key", invalid),
            ("Bearer \(expired.text)", "expired-key", invalid),
            ("Basic aHVudGVyMg==", "missing-key", #"Bearer realm="martlet""#),
        ] {
            let response = try await api.response("GET /models", [.authorization: text])
            #expect(response.status == .unauthorized)
            #expect(try problem(response) == "/problems/\(type)")
            #expect(response.headerFields[.wwwAuthenticate] == challenge)
            let secret = try #require(text.split(separator: " ").last)
            #expect(!String(decoding: response.body, as: UTF8.self).contains(secret))
        }
    }

    @Test func `Wrong keys are logged with the address, and never with the key`() async throws {
        _ = try fixture.key([.infer])
        let log = RecordingLog()
        let logger = Logger(label: "test") { _ in log }
        let api = MartletAPI(
            backend: .fake, access: Access(keys: try fixture.ring()), logger: logger)
        let wrong = KeyText.random()
        _ = try await api.response("GET /models", .bearer(wrong), remoteAddress: "2001:db8::1")
        _ = try await api.response("GET /models", remoteAddress: "192.0.2.1")
        let lines = log.recorded.lines.withLock { $0 }
        #expect(lines.count == 2 && lines[0].hasPrefix("notice: refused 2001:db8::1: "), "\(lines)")
        #expect(lines.last?.hasPrefix("debug: refused 192.0.2.1: ") == true)
        #expect(!lines.contains { $0.contains(wrong.secret) })
    }

    @Test(arguments: [
        ("GET /metrics", "401"), ("GET /models", "421"), ("POST /classify", "403"), ("GET /nothing", "404"),
    ]) func `Whatever is refused is logged at debug`(_ target: String, _ status: String) async throws {
        if status == "401" { _ = try fixture.key([.infer]) }
        let log = RecordingLog()
        let keys = try KeyRing(fixture.file, isRequired: false, logger: .silent)
        let api = MartletAPI(backend: .fake, access: Access(keys: keys), logger: Logger(label: "test") { _ in log })
        let fields: HTTPFields = status == "403" ? [.origin: "https://evil.example"] : [:]
        let response = try await api.response(
            target, fields, authority: status == "421" ? "evil.example" : "localhost", remoteAddress: "127.0.0.1",
            locality: .loopback)
        #expect("\(response.status.code)" == status)
        let lines = log.recorded.lines.withLock { $0 }
        #expect(lines.count == 1 && lines[0].hasPrefix("debug: refused 127.0.0.1: "), "\(lines)")
    }

    @Test func `Who asks writes no lines of the log`() async throws {
        let log = RecordingLog()
        let keys = try KeyRing(fixture.file, isRequired: false, logger: .silent)
        let api = MartletAPI(backend: .fake, access: Access(keys: keys), logger: Logger(label: "test") { _ in log })
        let response = try await api.response(
            "GET /models?%0Anotice:%20a%1B%5B2Jb%E2%80%AE=1", remoteAddress: "192.0.2.1")
        #expect(response.status == .badRequest)
        let lines = log.recorded.lines.withLock { $0 }
        #expect(lines.first?.contains(#"\u{a}notice: a\u{1b}[2Jb\u{202e}"#) == true, "\(lines)")
    }

    @Test func `Who may not ask is not told of conditions`() async throws {
        _ = try fixture.key([.infer])
        let answer = try await fixture.api().response("POST /classify", [.ifMatch: #""1""#], body: jpeg("cat"))
        #expect(answer.status == .unauthorized)
    }

    @Test func `Nothing of a request without a key is read`() async throws {
        _ = try fixture.key([.infer])
        let answer = try await fixture.api().response("POST /classify?nonsense=1&top_k=x", body: jpeg("broken"))
        #expect(answer.status == .unauthorized)
    }

    // MARK: Rates

    @Test func `A key has its rate, and no other key's`() async throws {
        let (slow, other) = (try fixture.key([.infer], rate: "2/h"), try fixture.key([.infer]))
        let api = try fixture.api()
        for _ in 0..<2 { #expect(try await api.response("GET /models", .bearer(slow)).status == .ok) }
        let refused = try await api.response("GET /models", .bearer(slow))
        #expect(refused.status == .tooManyRequests)
        #expect(try problem(refused) == "/problems/rate-limited")
        let wait = try #require(refused.headerFields[.retryAfter].flatMap { Int($0) })
        #expect((1790...1800).contains(wait))
        for _ in 0..<20 { #expect(try await api.response("GET /models", .bearer(other)).status == .ok) }
    }

    @Test func `What is over the rate is refused before its images are read`() async throws {
        let key = try fixture.key([.infer], rate: "1/h")
        let asked = Atomic(0)
        let api = try fixture.api(.recording { _ in asked.wrappingAdd(1, ordering: .relaxed) })
        #expect(try await api.response("POST /classify", .bearer(key), body: jpeg("cat")).status == .ok)
        #expect(try await api.response("POST /classify", .bearer(key), body: [1]).status == .tooManyRequests)
        #expect(asked.load(ordering: .relaxed) == 1)
    }

    @Test func `A key's rate goes on where the file is read again`() async throws {
        let key = try fixture.key([.infer], rate: "1/h")
        let ring = try fixture.ring()
        let api = MartletAPI(backend: .fake, access: Access(keys: ring), logger: .silent)
        #expect(try await api.response("GET /models", .bearer(key)).status == .ok)
        _ = try fixture.key([.infer])
        await ring.look()
        #expect(try await api.response("GET /models", .bearer(key)).status == .tooManyRequests)
    }

    @Test func `A key whose rate is changed begins anew`() async throws {
        let key = try fixture.key([.infer], rate: "1/h")
        let ring = try fixture.ring()
        let api = MartletAPI(backend: .fake, access: Access(keys: ring), logger: .silent)
        let isOver = { try await api.response("GET /models", .bearer(key)).status == .tooManyRequests }
        #expect(try await !isOver())
        #expect(try await isOver())
        for rate in ["1/m", "100/s"] {
            let text = try String(contentsOfFile: fixture.file.path, encoding: .utf8)
            try Data(text.replacing(/"rate" : "[^"]*"/, with: "\"rate\" : \"\(rate)\"").utf8)
                .write(to: URL(filePath: fixture.file.path))
            await ring.look()
            #expect(try await !isOver(), "\(rate)")
        }
    }

    @Test func `Without keys each address has the server's rate`() async throws {
        let access = Access(rateLimit: Rate(3, per: .hour))
        let api = MartletAPI(backend: .fake, access: access, logger: .silent)
        for address in ["192.0.2.1", "192.0.2.2"] {
            for number in 0..<5 {
                let status = try await api.response("GET /models", remoteAddress: address).status
                #expect(status == (number < 3 ? .ok : .tooManyRequests))
            }
            #expect(try await api.response("GET /health/live", remoteAddress: address).status == .ok)
        }
    }

    @Test func `Wrong keys are soon answered 429, and the right key is let in beside them`() async throws {
        let key = try fixture.key([.infer])
        let api = try fixture.api()
        var statuses: [Int] = []
        for _ in 0..<15 {
            let wrong = HTTPFields.bearer(KeyText.random())
            statuses.append(try await api.response("GET /models", wrong, remoteAddress: "192.0.2.1").status.code)
        }
        #expect(statuses.prefix(10).allSatisfy { $0 == 401 } && statuses.suffix(5).allSatisfy { $0 == 429 })
        #expect(try await api.response("GET /models", .bearer(key), remoteAddress: "192.0.2.1").status == .ok)
        #expect(try await api.response("GET /models", remoteAddress: "192.0.2.2").status == .unauthorized)
    }

    @Test func `Who shows no key is told so each time, and spends nothing of who shows a wrong one`() async throws {
        _ = try fixture.key([.infer])
        let api = try fixture.api()
        for fields: HTTPFields in [[:], [.authorization: "Basic x"]] {
            for _ in 0..<20 {
                let response = try await api.response("GET /models", fields, remoteAddress: "192.0.2.1")
                #expect(response.status == .unauthorized)
            }
        }
        let wrong = HTTPFields.bearer(KeyText.random())
        let status = try await api.response("GET /models", wrong, remoteAddress: "192.0.2.1").status
        #expect(status == .unauthorized)
    }

    // MARK: The queue

    @Test func `A key takes its own turns in the queue, as many as its share says`() async throws {
        let key = try fixture.key([.infer], share: 5)
        let heard = Mutex<[RequestClient]>([])
        let api = try fixture.api(.recording { terms in heard.withLock { $0.append(terms.client) } })
        for address in ["192.0.2.1", "192.0.2.2"] {
            _ = try await api.response("POST /classify", .bearer(key), body: jpeg("cat"), remoteAddress: address)
        }
        let expected = RequestClient("key \(key.id)", share: 5)
        #expect(heard.withLock { $0 } == [expected, expected])
    }
}
