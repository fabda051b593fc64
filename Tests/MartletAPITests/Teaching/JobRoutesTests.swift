import Foundation
import Testing

@testable import MartletAPI

@Suite(.timeLimit(.minutes(2)))
struct JobRoutesTests {
    let server: TaughtServer

    init() async throws { server = try await TaughtServer() }

    /// A job that runs, or waits to, until the networks are opened.
    private func held(_ head: String = "bikes") async throws -> String {
        server.networks.isClosed.withLock { $0 = true }
        let job = try await server.json(
            202, "POST /fine-tune?head=\(head)", .form, body: labelledForm(roadsAndHuts()))
        return try #require(job["id"]?.string)
    }

    @Test func `A job is answered at once, and with wait when it has ended`() async throws {
        let id = try await held()
        let state = try await server.json(200, "GET /jobs/\(id)")["state"]?.string
        #expect(["queued", "running"].contains(state))
        #expect(try await server.json(200, "GET /jobs/\(id)?wait=0")["ended"] == .null)
        async let ended = server.json(200, "GET /jobs/\(id)?wait=60")
        try await Task.sleep(for: .milliseconds(20))
        server.networks.isClosed.withLock { $0 = false }
        #expect(try await ended["state"]?.string == "succeeded")
        #expect(try await server.json(200, "GET /jobs/\(id)?wait=300")["state"]?.string == "succeeded")
    }

    @Test func `A wait ends also where the job does not`() async throws {
        let id = try await held()
        let start = ContinuousClock.now
        #expect(try await server.json(200, "GET /jobs/\(id)?wait=1")["ended"] == .null)
        #expect(ContinuousClock.now - start >= .seconds(1))
        server.networks.isClosed.withLock { $0 = false }
    }

    @Test(arguments: ["-1", "301", "99999999999999999999", "+1", "1.5", "x"])
    func `A wait is from 0 to 300 seconds`(wait: String) async throws {
        let problem = try await server.problem(400, "GET /jobs/x?wait=\(wait.replacing("+", with: "%2B"))")
        #expect(problem.type == "invalid-parameter" && problem.detail.contains("from 0 to 300"), "\(problem.detail)")
    }

    @Test(arguments: ["GET /jobs/x", "DELETE /jobs/x", "GET /jobs/x/events", "GET /jobs?before=x", "GET /jobs/%00"])
    func `An unknown job is 404`(request: String) async throws {
        #expect(try await server.problem(404, request).type == "unknown-job")
    }

    @Test func `Jobs are listed in parts, the newest first, without their metrics`() async throws {
        var ids: [JSONValue] = []
        for _ in 0..<3 { ids.insert(try #require(try await server.teach()["id"]), at: 0) }
        let all = try await server.json(200, "GET /jobs")
        #expect(all["jobs"]?.array.compactMap { $0["id"] } == ids && all["next"] == .null)
        #expect(all["jobs"]?.array.first?["accuracy"]?.number == 1 && all["jobs"]?.array.first?["metrics"] == nil)
        let first = try await server.json(200, "GET /jobs?limit=2")
        #expect(first["jobs"]?.array.compactMap { $0["id"] } == Array(ids.prefix(2)))
        let next = try #require(first["next"]?.string)
        let second = try await server.json(200, "GET /jobs?limit=2&before=\(next)")
        #expect(second["jobs"]?.array.compactMap { $0["id"] } == [ids[2]] && second["next"] == .null)
    }

    @Test(arguments: ["0", "-5", "1001", "x", "%2B5", "9999999999999999999999"])
    func `A list's limit is from 1 to 1000`(limit: String) async throws {
        try await server.json(201, "PUT /datasets/d")
        for list in ["/jobs", "/datasets", "/heads", "/datasets/d/images", "/heads/h/versions"] {
            let problem = try await server.problem(400, "GET \(list)?limit=\(limit)")
            #expect(problem.detail.contains("'limit' must be a whole number from 1 to 1000"), "\(problem.detail)")
        }
    }

    @Test func `A job is cancelled once`() async throws {
        let id = try await held()
        let cancelled = try await server.json(200, "DELETE /jobs/\(id)")
        #expect(cancelled["state"]?.string == "cancelled" && cancelled["ended"]?.string != nil)
        let problem = try await server.problem(409, "DELETE /jobs/\(id)")
        #expect(problem.type == "job-ended" && problem.detail.contains("cancelled"))
        #expect(try await server.problem(404, "GET /heads/bikes").type == "unknown-head")
        server.networks.isClosed.withLock { $0 = false }
        try await server.teach()
    }

    @Test func `A job whose dataset is deleted fails with the reason`() async throws {
        let first = try await held("first")
        let second = try await held("second")
        try await server.json(204, "DELETE /datasets/second")
        server.networks.isClosed.withLock { $0 = false }
        let failed = try await server.json(200, "GET /jobs/\(second)?wait=60")
        #expect(failed["state"]?.string == "failed")
        #expect(failed["error"]?.string?.contains("no dataset 'second'") == true)
        #expect(try await server.json(200, "GET /jobs/\(first)?wait=60")["state"]?.string == "succeeded")
    }
}
