import HTTPServer
import HTTPTypes
import Testing

@testable import MartletAPI

/// The protocol of the Fetch standard, as a browser checks it.
struct CrossOriginTests {
    private static let origin = "https://app.example"

    private func api(_ origins: String..., keys: KeyRing? = nil) -> MartletAPI {
        let access = Access(keys: keys, crossOrigin: CrossOrigin(origins))
        return MartletAPI(backend: .fake, access: access, logger: .silent)
    }

    private func preflight(_ method: String, from origin: String = origin) -> HTTPFields {
        [
            .origin: origin, .accessControlRequestMethod: method,
            .accessControlRequestHeaders: "authorization,content-type",
        ]
    }

    @Test func `A preflight request is answered without a key`() async throws {
        let fixture = try KeyFixture()
        _ = try fixture.key([.infer])
        let answer = try await api(Self.origin, keys: try fixture.ring())
            .answer("OPTIONS /classify", preflight("POST"))
        #expect(
            answer == """
                204
                Allow: POST, OPTIONS
                Vary: Origin
                Access-Control-Allow-Origin: https://app.example
                Access-Control-Expose-Headers: ETag, Location, Retry-After, Server-Timing, WWW-Authenticate
                Access-Control-Allow-Methods: POST, OPTIONS
                Access-Control-Allow-Headers: Authorization, X-API-Key, Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID, X-Request-Timeout-Ms
                Access-Control-Max-Age: 7200


                """)
    }

    @Test(arguments: ["GET /models", "POST /classify", "GET /health/live", "GET /nothing", "DELETE /models"])
    func `An origin that is allowed reads every answer, failures too`(_ target: String) async throws {
        let fields: HTTPFields = [.origin: Self.origin]
        let response = try await api(Self.origin, "https://b.example").response(target, fields, body: jpeg("cat"))
        #expect(response.headerFields[.accessControlAllowOrigin] == Self.origin)
        #expect(response.headerFields[.vary] == "Origin")
        #expect(response.headerFields[.accessControlExposeHeaders]?.contains("Retry-After") == true)
        #expect(response.headerFields[.accessControlAllowCredentials] == nil)
    }

    @Test(arguments: [
        "https://evil.example", "http://app.example", "https://app.example:8443", "https://app.example.evil.example",
        "null",
        "https://APP.example", "",
    ])
    func `Another origin is told nothing`(_ origin: String) async throws {
        for (target, fields) in [
            ("OPTIONS /classify", preflight("POST", from: origin)), ("GET /models", [.origin: origin]),
        ] as [(String, HTTPFields)] {
            let response = try await api(Self.origin).response(target, fields)
            let names = response.headerFields.map(\.name.canonicalName)
            #expect(!names.contains { $0.hasPrefix("access-control-") }, "\(names)")
            #expect(response.headerFields[.vary] == "Origin", "caches keep them apart")
        }
    }

    @Test func `A star is every origin, and none by name`() async throws {
        let response = try await api("*").response("GET /models", [.origin: "https://anybody.example"])
        #expect(response.headerFields[.accessControlAllowOrigin] == "*")
        #expect(response.headerFields[.vary] == nil && response.headerFields[.accessControlAllowCredentials] == nil)
    }

    @Test func `Unless it is asked for, no origin is allowed`() async throws {
        for (target, fields) in [("OPTIONS /classify", preflight("POST")), ("GET /models", [.origin: Self.origin])]
            as [(String, HTTPFields)]
        {
            let names = try await api().response(target, fields).headerFields.map(\.name.canonicalName)
            #expect(!names.contains { $0.hasPrefix("access-control-") || $0 == "vary" }, "\(names)")
        }
    }

    @Test(arguments: [
        ("*", true), ("https://a.example", true), ("http://localhost:3000", true), ("http://[::1]:3000", true),
        ("null", false),
        ("a.example", false), ("https://a.example/", false), ("https://A.example", false), ("ftp://a.example", false),
        ("https://*.example", false), ("", false), ("https://a.example, https://b.example", false),
    ])
    func `An origin is written as browsers send it`(_ text: String, _ isOrigin: Bool) {
        #expect(CrossOrigin.isOrigin(text) == isOrigin)
    }
}

/// The fields that every answer has.
struct StandingFieldsTests {
    @Test(arguments: [
        "GET /", "GET /health/live", "GET /health/ready", "GET /models", "GET /nothing", "OPTIONS /models",
        "POST /classify",
        "GET /openapi.yaml", "GET /health/live?a=1",
    ])
    func `Every answer says that it is what it says and for its own pages`(_ target: String) async throws {
        let response = try await MartletAPI(.fake).response(target)
        for (name, value) in [
            (HTTPField.Name.xContentTypeOptions, "nosniff"), (.crossOriginResourcePolicy, "same-origin"),
        ] {
            #expect(response.headerFields[values: name] == [value], "once")
        }
        #expect(response.headerFields[.contentType]?.hasPrefix("text/html") != true, "there are no pages")
    }

    @Test func `What the HTTP server refuses has them too`() {
        let response = MartletAPI(.fake).refusal(.example)
        #expect(response.headerFields[.xContentTypeOptions] == "nosniff")
    }

    @Test func `What a key has opened stays out of caches`() async throws {
        let fixture = try KeyFixture()
        let key = try fixture.key([.infer])
        let api = try fixture.api()
        #expect(try await api.response("GET /models", .bearer(key)).headerFields[.cacheControl] == "no-store")
        #expect(try await api.response("GET /health/live").headerFields[.cacheControl] == nil)
        #expect(try await MartletAPI(.fake).response("GET /models").headerFields[.cacheControl] == nil)
    }
}
