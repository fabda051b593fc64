import Foundation
import HTTPServer
import HTTPTypes
import Logging
import Synchronization
import TestSupport
import Testing

@testable import HTTPServer
@testable import MartletAPI

@Suite(.timeLimit(.minutes(2)))
struct JobEventsTests {
    struct Event: Equatable {
        var id: Int
        var name: String
        var data: JSONValue
    }

    let server: TaughtServer

    init() async throws { server = try await TaughtServer() }

    private func queued() async throws -> String {
        let job = try await server.json(202, "POST /fine-tune?head=bikes", .form, body: labelledForm(roadsAndHuts()))
        return try #require(job["id"]?.string)
    }

    private func stream(of job: String, after id: Int? = nil) async throws -> Response {
        let lastEventID = try #require(HTTPField.Name("Last-Event-ID"))
        return try await server.response("GET /jobs/\(job)/events", id.map { [lastEventID: "\($0)"] } ?? [:])
    }

    private func events(_ response: Response) async throws -> [Event] {
        let text = Mutex("")
        await response.stream?.run { chunk in
            text.withLock { $0 += String(decoding: chunk, as: UTF8.self) }
            return true
        }
        return try text.withLock(\.self).split(separator: "\n\n").filter { !$0.hasPrefix(":") }.map { block in
            let lines = block.split(separator: "\n")
            #expect(lines.count == 3)
            return Event(
                id: try #require(Int(lines[0].trimmingPrefix("id: "))),
                name: String(lines[1].trimmingPrefix("event: ")),
                data: try JSONDecoder().decode(JSONValue.self, from: Data(lines[2].trimmingPrefix("data: ").utf8)))
        }
    }

    @Test func `Events come in order, and the last one has the whole job`() async throws {
        let id = try await queued()
        let response = try await stream(of: id)
        #expect(response.status == .ok && response.headerFields[.contentType] == "text/event-stream")
        #expect(response.headerFields[.cacheControl] == "no-store")
        let events = try await events(response)
        #expect(events.map(\.id) == Array(1...events.count))
        #expect(events.map(\.name) == Array(repeating: "progress", count: events.count - 1) + ["end"])
        #expect(try await events.last?.data == server.json(200, "GET /jobs/\(id)"))
        #expect(events.last?.data["state"]?.string == "succeeded")
    }

    @Test func `Progress is as openapi.yaml describes it`() async throws {
        server.networks.isClosed.withLock { $0 = true }
        let id = try await queued()
        // It is saved four times a second.
        while try await server.store.events(of: id, after: 0).isEmpty { try await Task.sleep(for: .milliseconds(20)) }
        server.networks.isClosed.withLock { $0 = false }
        let events = try await events(stream(of: id)).filter { $0.name == "progress" }
        #expect(!events.isEmpty)
        let check = try APIDescription.shared().check
        let schema = try #require(check.resolved("#/components/schemas/JobProgress"))
        for event in events { #expect(check.faults(in: event.data, schema) == []) }
    }

    @Test func `A client that comes back begins after the event that it has seen`() async throws {
        let id = try await queued()
        let all = try await events(stream(of: id))
        let last = all.count
        #expect(try await events(stream(of: id, after: last - 1)) == Array(all.suffix(1)))
        #expect(try await events(stream(of: id, after: 0)) == all)
        // Otherwise a browser would come again for ever.
        for seen in [last, Int.max] { #expect(try await stream(of: id, after: seen).status == .noContent) }
    }

    @Test(arguments: ["-1", "x", "+1", "1.5", "99999999999999999999"])
    func `The id of an event is a whole number`(id: String) async throws {
        let job = try await queued()
        let lastEventID = try #require(HTTPField.Name("Last-Event-ID"))
        let problem = try await server.problem(400, "GET /jobs/\(job)/events", [lastEventID: id])
        #expect(problem.type == "invalid-parameter" && problem.detail.contains("Last-Event-ID"))
    }

    @Test func `A quiet stream says that it is alive`() async throws {
        server.networks.isClosed.withLock { $0 = true }
        let id = try await queued()
        let feed = JobFeed(jobs: server.teaching.jobs, job: id, after: 1000, keepAlive: .milliseconds(10))
        #expect(await feed.next() == ServerSentEvent.keepAlive)
        server.networks.isClosed.withLock { $0 = false }
    }

    @Test func `Events come over a socket`() async throws {
        let api = server.api
        let http = HTTPServer(
            configuration: HTTPServerConfiguration(listeners: [Listener(.tcp(host: "127.0.0.1", port: 0))]),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) { await api.respond(to: $0) }
        let client = try Client(port: try #require(try http.start().first?.port))
        let body = labelledForm(roadsAndHuts())
        try await client.send(
            "POST /fine-tune?head=bikes HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=X\r\n"
                + "Content-Length: \(body.count)\r\n\r\n")
        try await client.send(body)
        let answer = try await client.response()
        let location = try #require(answer.firstMatch(of: /Location: (\S+)/)?.1)
        #expect(answer.hasPrefix("HTTP/1.1 202 "))
        try await client.send("GET \(location)/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        let events = String(decoding: try await client.bytes(through: "0\r\n\r\n"), as: UTF8.self)
        #expect(events.hasPrefix("HTTP/1.1 200 ") && events.contains("\r\nContent-Type: text/event-stream\r\n"))
        #expect(events.contains("\nevent: end\ndata: {\"id\":") && events.contains("\"state\":\"succeeded\""))
        // The connection is as before.
        try await client.send("GET /heads HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(try await client.content().contains("\"name\":\"bikes\""))
        await http.stop(gracePeriod: .zero)
    }
}
