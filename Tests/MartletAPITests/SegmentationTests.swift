import HTTPServer
import TestSupport
import Testing

@testable import MartletAPI

/// Content that nothing asks for, through a socket.
struct SegmentationTests {
    /// What is answered to a request, and to another that follows it on the same connection, where its content comes with
    /// its head or after it.
    private func answer(_ head: String, _ content: String, isCut: Bool) async throws -> String {
        let api = MartletAPI(.fake)
        var configuration = HTTPServerConfiguration(listeners: [Listener(.tcp(host: "127.0.0.1", port: 0))])
        (configuration.admission, configuration.refusal) = (api.admit, api.refusal)
        // Beside other tests a pause of this one may become half a minute.
        (configuration.headTimeout, configuration.bodyTimeout, configuration.idleTimeout) = (
            .seconds(3600), .seconds(3600), .seconds(3600)
        )
        let server = HTTPServer(configuration: configuration, logger: .silent) { await api.respond(to: $0) }
        let client = try Client(port: try #require(try server.start().first?.port))
        let next = "GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        try await client.send(head + (isCut ? "" : content + next))
        if isCut {
            try await Task.sleep(for: .milliseconds(20))
            try await client.send(content + next)
        }
        client.finishSending()
        let answer = try await client.rest().replacing(/Date: [^\r]+/, with: "Date")
        await server.stop(gracePeriod: .zero)
        return answer
    }

    /// The status with little content, and with more.
    @Test(arguments: [
        ("GET /health/live", 200, 413), ("GET /models", 200, 413), ("HEAD /models", 200, 413),
        ("GET /models?x=1", 400, 400), ("DELETE /models", 405, 405), ("OPTIONS /models", 204, 204),
        ("GET /nothing", 404, 404), ("POST /classify?top_k=0", 400, 400),
    ])
    func `An answer does not depend on how the network cuts the request`(
        _ startLine: String, _ status: Int, _ statusOfMore: Int
    ) async throws {
        let head = "\(startLine) HTTP/1.1\r\nHost: localhost\r\n"
        let little = "\(head)Content-Length: 2\r\n\r\n"
        let whole = try await answer(little, "{}", isCut: false)
        #expect(whole.hasPrefix("HTTP/1.1 \(status) "))
        #expect(whole.hasSuffix("{\"status\":\"live\"}\n"), "the connection lasts")
        #expect(try await answer(little, "{}", isCut: true) == whole)
        for (framing, content) in [
            ("Content-Length: 2000", String(repeating: "a", count: 2000)), ("Transfer-Encoding: chunked", "0\r\n\r\n"),
        ] {
            let large = "\(head)\(framing)\r\n\r\n"
            let whole = try await answer(large, content, isCut: false)
            #expect(whole.hasPrefix("HTTP/1.1 \(statusOfMore) "))
            #expect(try await answer(large, content, isCut: true) == whole)
        }
    }
}
