import HTTPTypes
import Service
import Synchronization
import Testing

@testable import MartletAPI

/// What `/classify` and `/embed` pass on to the service beside the images.
struct RequestTermsTests {
    static let routes = ["/classify", "/embed"]
    static let timeoutField = HTTPField.Name("X-Request-Timeout-Ms")
    static let keyField = HTTPField.Name("X-API-Key")

    /// The terms on which the service is asked, once.
    private func terms(
        _ target: String, _ fields: HTTPFields = [:], from address: String = "",
        at location: SourceLocation = #_sourceLocation
    ) async throws -> RequestTerms {
        let heard = HeardTerms()
        let api = MartletAPI(.recording(heard.append))
        let response = try await api.response("POST \(target)", fields, body: jpeg("cat"), remoteAddress: address)
        #expect(
            response.status == .ok, "\(target): \(String(decoding: response.body, as: UTF8.self))",
            sourceLocation: location)
        let terms = heard.all
        #expect(terms.count == 1, sourceLocation: location)
        return try #require(terms.first, sourceLocation: location)
    }

    /// The problem that a request is refused with, before the service is asked.
    private func problem(_ target: String, _ fields: HTTPFields = [:]) async throws -> [String: Any] {
        let heard = HeardTerms()
        let api = MartletAPI(.recording(heard.append))
        let response = try await api.response("POST \(target)", fields, body: jpeg("cat"))
        #expect(response.status == .badRequest)
        #expect(heard.all.isEmpty)
        return try jsonObject(response.body)
    }

    private func fields(timeout: String) throws -> HTTPFields { [try #require(Self.timeoutField): timeout] }

    @Test(arguments: routes)
    func `A request that says nothing has no time-out of its own and normal priority`(_ route: String) async throws {
        let terms = try await terms(route)
        #expect(terms.timeout == nil && terms.priority == .normal)
        #expect(terms.model == nil && terms.version == nil)
    }

    // MARK: Time-outs

    @Test(arguments: routes, [1, 5, 250, 3_600_000])
    func `A time-out is passed on from the query and from the header`(_ route: String, _ milliseconds: Int) async throws
    {
        #expect(try await terms("\(route)?timeout_ms=\(milliseconds)").timeout == .milliseconds(milliseconds))
        let fields = try fields(timeout: "\(milliseconds)")
        #expect(try await terms(route, fields).timeout == .milliseconds(milliseconds))
    }

    @Test(arguments: routes, [(20, 30), (30, 20), (20, 20)])
    func `Of two time-outs the shorter holds`(_ route: String, _ both: (query: Int, header: Int)) async throws {
        let terms = try await terms("\(route)?timeout_ms=\(both.query)", fields(timeout: "\(both.header)"))
        #expect(terms.timeout == .milliseconds(20))
    }

    @Test(
        arguments: routes,
        [
            "0", "-1", "+5", "3600001", "99999999999999999999", "-99999999999999999999", "5, 6", "5ms", "1.5", "1e3",
            "0x5", "٥",
        ])
    func `A time-out that is no number of the range is refused with the range and what was found`(
        _ route: String, _ text: String
    ) async throws {
        let encoded: String = text.utf8.map { byte in
            let digits = String(byte, radix: 16, uppercase: true)
            return byte < 16 ? "%0\(digits)" : "%\(digits)"
        }.joined()
        for (name, problem) in [
            ("timeout_ms", try await problem("\(route)?timeout_ms=\(encoded)")),
            ("X-Request-Timeout-Ms", try await problem(route, fields(timeout: text))),
        ] {
            let expected = "a whole number of milliseconds from 1 to 3600000"
            #expect(problem["type"] as? String == "/problems/invalid-parameter")
            #expect(problem["detail"] as? String == "'\(name)' must be \(expected); found '\(text)'.")
            #expect(problem["parameter"] as? String == name)
            #expect(problem["expected"] as? String == expected)
            #expect(problem["found"] as? String == text)
        }
    }

    @Test(arguments: routes)
    func `A time-out in two header fields is refused`(_ route: String) async throws {
        let name = try #require(Self.timeoutField)
        var fields = HTTPFields()
        fields.append(HTTPField(name: name, value: "5"))
        fields.append(HTTPField(name: name, value: "6"))
        #expect(try await problem(route, fields)["found"] as? String == "5, 6")
    }

    @Test(arguments: routes)
    func `A good time-out does not excuse a bad one beside it`(_ route: String) async throws {
        let bad = try await problem("\(route)?timeout_ms=5", fields(timeout: "0"))
        #expect(bad["parameter"] as? String == "X-Request-Timeout-Ms")
        let other = try await problem("\(route)?timeout_ms=0", fields(timeout: "5"))
        #expect(other["parameter"] as? String == "timeout_ms")
    }

    // MARK: Priority, model and version

    @Test(arguments: routes, [("high", RequestPriority.high), ("normal", .normal), ("low", .low)])
    func `Each priority is passed on`(_ route: String, _ priority: (name: String, value: RequestPriority)) async throws
    {
        #expect(try await terms("\(route)?priority=\(priority.name)").priority == priority.value)
    }

    @Test(arguments: routes, ["urgent", "High", "0"])
    func `Another priority is refused with those there are`(_ route: String, _ priority: String) async throws {
        let problem = try await problem("\(route)?priority=\(priority)")
        #expect(problem["type"] as? String == "/problems/invalid-parameter")
        #expect(
            problem["detail"] as? String == "'priority' must be one of high, normal, low; found '\(priority)'.")
    }

    @Test(arguments: routes, ["2", "latest"])
    func `The model and its version are passed on`(_ route: String, _ version: String) async throws {
        let terms = try await terms("\(route)?model=lite&version=\(version)")
        #expect(terms.model == "lite" && terms.version == version)
    }

    // MARK: Clients

    @Test(arguments: routes)
    func `A client without a key is told by its address, whatever it calls itself`(_ route: String) async throws {
        let key = try #require(Self.keyField)
        for fields: HTTPFields in [[:], [.authorization: "Bearer a"], [key: "b"]] {
            #expect(try await terms(route, fields, from: "192.0.2.7").client == "address 192.0.2.7")
        }
    }
}

/// Keeps the terms that a backend is asked on.
private final class HeardTerms: Sendable {
    private let terms = Mutex<[RequestTerms]>([])

    var all: [RequestTerms] { terms.withLock { $0 } }

    func append(_ new: RequestTerms) { terms.withLock { $0.append(new) } }
}
