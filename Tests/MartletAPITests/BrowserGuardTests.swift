import HTTPServer
import HTTPTypes
import Testing

@testable import MartletAPI

/// What web pages can have a browser send, and what not.
struct BrowserGuardTests {
    private static let site = HTTPField.Name("Sec-Fetch-Site")

    private func api(keys: KeyRing? = nil, hosts: [String] = []) -> MartletAPI {
        let access = Access(keys: keys, hosts: hosts)
        return MartletAPI(backend: .fake, access: access, logger: .silent)
    }

    private func type(_ response: Response) throws -> String? { try jsonObject(response.body)["type"] as? String }

    // MARK: Names

    @Test(arguments: [
        ("localhost:8080", 200), ("localhost", 200), ("LOCALHOST.:8080", 200), ("127.0.0.1:8080", 200),
        ("[::1]:8080", 200), ("192.168.1.5", 200), ("[fe80::1]", 200), ("", 200), ("evil.example", 421),
        ("evil.example:8080", 421), ("127.0.0.1.evil.example", 421), ("localhost.evil.example", 421), ("127.1", 421),
        ("[evil.example]", 421),
    ])
    func `For a browser on its machine a server does not go by the name of a page`(
        _ host: String, _ status: Int
    ) async throws {
        // By a loopback address or another one of the machine.
        for (address, locality) in [("127.0.0.1", Request.Locality.loopback), ("192.0.2.1", .ownAddress)] {
            let response = try await api().response(
                "GET /models", authority: host, remoteAddress: address, locality: locality)
            #expect(response.status.code == status)
            if status == 421 { #expect(try type(response) == "/problems/unknown-host") }
        }
    }

    @Test func `Who may load models because it is on this machine has not been led here by a page`() async throws {
        let load = "POST /v2/repository/models/lite/load"
        let response = try await api().response(load, authority: "evil.example", locality: .loopback)
        #expect(response.status == .misdirectedRequest)
    }

    @Test func `For other machines, and at Unix sockets, it goes by any name, as proxies need it`() async throws {
        for (address, locality) in [
            ("192.0.2.1", Request.Locality.elsewhere), ("2001:db8::1", .elsewhere), ("unix", .loopback),
        ] {
            let response = try await api().response(
                "GET /models", authority: "any.example", remoteAddress: address, locality: locality)
            #expect(response.status == .ok)
        }
    }

    @Test func `With keys any name will do, for a page has none`() async throws {
        let fixture = try KeyFixture()
        let key = try fixture.key([.infer])
        let api = api(keys: try fixture.ring())
        #expect(try await api.response("GET /models", .bearer(key), authority: "any.example").status == .ok)
    }

    @Test func `Names that are allowed are the only ones, everywhere and with keys too`() async throws {
        let fixture = try KeyFixture()
        let key = try fixture.key([.infer])
        for api in [
            api(keys: try fixture.ring(), hosts: ["Images.Example"]), api(hosts: ["images.example"]),
        ] {
            for (host, status) in [("images.example", 200), ("IMAGES.example:443", 200), ("other.example", 421)] {
                let response = try await api.response("GET /models", .bearer(key), authority: host)
                #expect(response.status.code == status, "\(host)")
            }
        }
    }

    @Test func `What needs no key is answered by any name`() async throws {
        #expect(try await api().response("GET /health/live", authority: "evil.example").status == .ok)
    }

    // MARK: Sites

    /// The cases of TestCrossOriginProtectionSecFetchSite in Go's net/http (csrf_test.go), whose server is example.com.
    @Test(
        arguments: [
            ("POST", "same-origin", nil, true), ("POST", "none", nil, true), ("POST", "cross-site", nil, false),
            ("POST", "same-site", nil, false), ("POST", nil, nil, true), ("POST", nil, "https://example.com", true),
            ("POST", nil, "https://attacker.example", false), ("POST", nil, "null", false),
            ("GET", "cross-site", nil, true),
            ("HEAD", "cross-site", nil, true), ("OPTIONS", "cross-site", nil, true), ("PUT", "cross-site", nil, false),
            ("POST", "cross-site", "https://trusted.example", true),
            ("POST", "cross-site", "https://attacker.example", false),
            ("POST", nil, "https://trusted.example", true),
        ] as [(String, String?, String?, Bool)])
    func `A request that a page of another site sends is refused where it changes something`(
        _ method: String, _ site: String?, _ origin: String?, _ isAllowed: Bool
    ) async throws {
        var fields = HTTPFields()
        fields[try #require(Self.site)] = site
        fields[.origin] = origin
        let path = method == "POST" ? "/classify" : method == "PUT" ? "/heads/a" : "/models"
        let taught = try await TaughtServer()
        let api = MartletAPI(
            backend: .fake, teaching: taught.teaching,
            access: Access(crossOrigin: CrossOrigin(["https://trusted.example"])), logger: .silent)
        let response = try await api.response("\(method) \(path)", fields, body: jpeg("cat"), authority: "example.com")
        #expect((response.status != .forbidden) == isAllowed)
        if !isAllowed { #expect(try type(response) == "/problems/cross-site-request") }
    }

    // MARK: Listeners

    private func api(_ listeners: [Listener], keys: KeyRing) -> MartletAPI {
        MartletAPI(
            backend: .fake, access: Access(keys: keys, listeners: listeners), logger: .silent)
    }

    private func status(
        _ api: MartletAPI, _ target: String, _ key: KeyText?, at listener: String, from address: String,
        by proxy: String? = nil
    ) async throws -> Int {
        let words = target.split(separator: " ").map(String.init)
        var head = HTTPRequest(
            method: try #require(HTTPRequest.Method(rawValue: words[0])), scheme: "http", authority: "localhost",
            path: words[1],
            headerFields: key.map { .bearer($0) } ?? [:])
        if let proxy { head.headerFields[try #require(HTTPField.Name(proxy))] = "192.0.2.1" }
        return await api.respond(
            to: Request(
                head: head, remoteAddress: address,
                locality: ["unix", "127.0.0.1"].contains(address) ? .loopback : .elsewhere, listener: listener)
        ).status.code
    }

    @Test func `Where there is an admin listener, what is for admins is done there alone, with a key`() async throws {
        let fixture = try KeyFixture()
        let (admin, infer) = (try fixture.key([.admin]), try fixture.key([.infer]))
        let listeners = [
            Listener(.tcp(host: "0.0.0.0", port: 1)), Listener(.tcp(host: "127.0.0.1", port: 2), name: "admin"),
        ]
        let api = api(listeners, keys: try fixture.ring())
        for target in ["GET /metrics", "POST /v2/repository/models/lite/load"] {
            #expect(try await status(api, target, admin, at: "public", from: "192.0.2.1") == 403)
            #expect(try await status(api, target, admin, at: "admin", from: "127.0.0.1") == 200)
            #expect(try await status(api, target, infer, at: "admin", from: "127.0.0.1") == 403)
            #expect(try await status(api, target, nil, at: "admin", from: "127.0.0.1") == 401)
        }
        #expect(
            try await status(api, "GET /models", infer, at: "admin", from: "127.0.0.1") == 200, "the rest is there too")
    }

    @Test func `Who may open the operators' Unix socket needs no key`() async throws {
        let fixture = try KeyFixture()
        _ = try fixture.key([.infer])
        let api = api([Listener(.unix(path: "/run/a"), name: "admin")], keys: try fixture.ring())
        for target in ["GET /metrics", "POST /v2/repository/models/lite/load", "GET /models"] {
            #expect(try await status(api, target, nil, at: "admin", from: "unix") == 200)
            #expect(
                try await status(api, target, nil, at: "admin", from: "") == 401, "only the socket's own word counts")
        }
    }

    @Test(arguments: ["Forwarded", "Via", "X-Forwarded-For", "X-Real-IP", nil])
    func `At the other Unix socket a key is needed, whether or not a proxy says that it forwards`(
        _ proxy: String?
    ) async throws {
        let fixture = try KeyFixture()
        let key = try fixture.key([.infer])
        let api = api([Listener(.unix(path: "/run/a"))], keys: try fixture.ring())
        #expect(try await status(api, "GET /models", nil, at: "public", from: "unix", by: proxy) == 401)
        #expect(try await status(api, "GET /models", key, at: "public", from: "unix", by: proxy) == 200)
        #expect(try await status(api, "GET /metrics", key, at: "public", from: "unix", by: proxy) == 403)
    }

    @Test(arguments: ["Forwarded", "Via", "X-Forwarded-For", "X-Real-IP"])
    func `What a proxy forwards to the operators' Unix socket needs a key all the same`(_ proxy: String) async throws {
        let fixture = try KeyFixture()
        let key = try fixture.key([.infer])
        let api = api([Listener(.unix(path: "/run/a"), name: "admin")], keys: try fixture.ring())
        #expect(try await status(api, "GET /models", nil, at: "admin", from: "unix", by: proxy) == 401)
        #expect(try await status(api, "GET /models", key, at: "admin", from: "unix", by: proxy) == 200)
        #expect(try await status(api, "GET /metrics", key, at: "admin", from: "unix", by: proxy) == 403)
    }

    @Test func `Without keys, what a proxy on this machine forwards does not load models`() async throws {
        let api = MartletAPI(.fake)
        let load = "POST /v2/repository/models/lite/load"
        #expect(try await status(api, load, nil, at: "public", from: "127.0.0.1") == 200)
        #expect(try await status(api, load, nil, at: "public", from: "127.0.0.1", by: "X-Forwarded-For") == 403)
        #expect(try await status(api, load, nil, at: "public", from: "unix") == 200)
        #expect(try await status(api, load, nil, at: "public", from: "unix", by: "X-Forwarded-For") == 403)
    }
}
