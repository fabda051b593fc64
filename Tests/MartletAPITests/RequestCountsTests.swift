import Foundation
import HTTPTypes
import Testing

@testable import HTTPServer
@testable import MartletAPI

extension ProtocolError {
    static var example: ProtocolError { ProtocolError(.badRequest, .malformedMethod, "why") }
}

struct RequestCountsTests {
    private func metrics(_ api: MartletAPI) async throws -> [String: Double] {
        let text = String(decoding: try await api.response("GET /metrics").body, as: UTF8.self)
        var values: [String: Double] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let space = try #require(line.lastIndex(of: " "))
            let name = String(line[..<space])
            #expect(values[name] == nil, "\(name) is there twice")
            let value: Double = try #require(Double(line[line.index(after: space)...]), "\(line)")
            values[name] = value
        }
        return values
    }

    @Test func `Each request is counted under its route and the class of its answer`() async throws {
        let api = MartletAPI(.fake)
        for _ in 0..<3 { _ = try await api.response("GET /health/live") }
        _ = try await api.response("HEAD /models/lite")
        _ = try await api.response("GET /models/none")
        _ = try await api.response("GET /health/live?a=1")
        _ = try await api.response("GET /nothing")
        _ = try await api.response("DELETE /models")
        let values = try await metrics(api)
        func count(_ method: String, _ route: String, _ status: String) -> Double? {
            values["martlet_requests_total{method=\"\(method)\",route=\"\(route)\",status=\"\(status)\"}"]
        }
        #expect(count("GET", "/health/live", "2xx") == 3 && count("GET", "/health/live", "4xx") == 1)
        #expect(count("GET", "/models/{model}", "2xx") == 1 && count("GET", "/models/{model}", "4xx") == 1)
        #expect(count("", "", "4xx") == 2, "what clients ask for is no label")
        #expect(count("POST", "/classify", "2xx") == 0, "what has not come yet is zero")
    }

    @Test func `Each refusal is counted under its reason`() async throws {
        let fixture = try KeyFixture()
        let admin = try fixture.key([.admin])
        let api = try fixture.api()
        for _ in 0..<2 { _ = try await api.response("GET /models") }
        _ = try await api.response("GET /models", .bearer(admin))
        var statistics = HTTPServerStatistics()
        (statistics.refused[.malformedMethod], statistics.accepted["public"]) = (1, 7)
        (statistics.handshakes, statistics.resumedHandshakes) = (5, 2)
        statistics.certificates = [(["a.example", "b.example"], 200), (["a.example"], 100), ([#"c"\"#], 300)].map {
            ServerCertificate(names: $0, expiry: Date(timeIntervalSince1970: $1))
        }
        api.counts.observe { [statistics] in statistics }
        let response = try await api.response("GET /metrics", .bearer(admin))
        let text = String(decoding: response.body, as: UTF8.self)
        for (by, reason, count) in [
            ("api", "missing-key", 2), ("api", "insufficient-scope", 1), ("api", "rate-limited", 0),
            ("http", "malformed-method", 1), ("http", "head-too-large", 0),
        ] {
            #expect(
                text.contains("\nmartlet_requests_refused_total{by=\"\(by)\",reason=\"\(reason)\"} \(count)\n"),
                "\(reason)")
        }
        #expect(text.contains("\nmartlet_connections_accepted_total{listener=\"public\"} 7\n"))
        #expect(text.contains("\nmartlet_connections_closed_total{reason=\"finished\"} 0\n"))
        #expect(text.contains("\nmartlet_tls_handshakes_total{resumed=\"false\"} 3\n"))
        let expiries = text.split(separator: "\n").filter { $0.hasPrefix("martlet_tls_certificate_expiry_seconds") }
        #expect(
            expiries == [
                #"martlet_tls_certificate_expiry_seconds{name="a.example"} 100"#,
                #"martlet_tls_certificate_expiry_seconds{name="c\"\\"} 300"#,
            ])
    }

    @Test func `Every reason there is has its counter`() {
        let counts = RequestCounts()
        for type in ProblemType.allCases { counts.refuse(type) }
        #expect(counts.refused.map(\.type) == ProblemType.allCases)
        #expect(counts.refused.allSatisfy { $0.count == 1 })
    }

    @Test func `Requests of many threads are all counted`() async {
        let answers = RequestCounts.Answers()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { for _ in 0..<1000 { answers.count(.ok) } } }
        }
        #expect(answers.counts == [8000, 0, 0, 0])
    }
}
