import Foundation
import GRDB
import Testing

/// A server that is taught is killed at random moments: of an upload, of computing features, of the fit, of saving.
@Suite(.serialized, .timeLimit(.minutes(30)))
struct TeachCrashTests {
    /// `make test-crash` asks for more.
    static let kills = ProcessInfo.processInfo.environment["MARTLET_CRASH_KILLS"].flatMap { Int($0) } ?? 3

    @Test func `what a killed server has acknowledged is there, and every job ends`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = folder.appending(path: "martlet.db").path
        let pupil = try Pupil()
        for _ in 0..<Self.kills {
            let server = try ServerProcess(["--store", store])
            let lessons = Task { try await pupil.learn(from: server) }
            try await Task.sleep(for: .milliseconds(Int.random(in: 20...1500)))
            server.kill()
            try await server.process.ended()
            _ = await lessons.result
            try Self.checkIntegrity(of: store)
        }
        let server = try ServerProcess(["--store", store])
        defer { server.kill() }
        try await pupil.check(server)
        server.process.terminate()
        try await server.process.ended()
        try Self.checkIntegrity(of: store)
    }

    private static func checkIntegrity(of store: String) throws {
        let queue = try DatabaseQueue(path: store)
        let faults = try queue.read { db in
            try String.fetchAll(db, sql: "PRAGMA integrity_check")
                + String.fetchAll(db, sql: "PRAGMA foreign_key_check")
        }
        #expect(faults == ["ok"])
    }
}

/// Teaches servers, and remembers what they have acknowledged.
private actor Pupil {
    private let photo: Data
    private var jobs: Set<String> = []
    /// Of jobs that were said to have succeeded.
    private var versions: [String: Int] = [:]
    private var images: [String: Set<Int>] = [:]
    private var number = 0

    init() throws {
        photo = try Data(contentsOf: MartletProcess.root.appending(path: "Tests/Fixtures/images/420.jpg"))
    }

    /// A form of photos that no other has: bytes behind a JPEG's end are not decoded, but count for its digest.
    private func form(labels: [String], count: Int) -> (body: Data, fields: [String: String]) {
        var body = Data()
        for label in labels {
            for _ in 0..<count {
                number += 1
                body += Data(
                    "--b\r\nContent-Disposition: form-data; name=\"\(label)\"; filename=\"\(number).jpg\"\r\n\r\n".utf8)
                body += photo + Data("\(number) \(UUID())\r\n".utf8)
            }
        }
        return (body + Data("--b--\r\n".utf8), ["Content-Type": "multipart/form-data; boundary=b"])
    }

    /// Goes on until the server is gone.
    func learn(from server: ServerProcess) async throws {
        while true {
            let head = "h\(Int.random(in: 0..<3))"
            let upload = form(labels: ["a", "b"], count: Int.random(in: 2...12))
            let job = try await server.ask("POST", "/fine-tune?head=\(head)&dataset=d", upload.body, upload.fields)
            if job.status == 202 {
                jobs.insert(try #require(job.json["id"] as? String))
                let added = try #require(job.json["images"] as? [String: Any])
                images["d", default: []].formUnion(try #require(added["ids"] as? [Int]))
            } else {
                #expect(job.status == 409, "the head is busy: \(job.json)")
            }
            _ = try await server.ask("PUT", "/datasets/e")
            let more = form(labels: ["c"], count: 5)
            let added = try await server.ask("POST", "/datasets/e/images", more.body, more.fields)
            #expect(added.status == 201, "\(added.json)")
            images["e", default: []].formUnion(try #require(added.json["ids"] as? [Int]))
            guard let id = job.json["id"] as? String, Bool.random() else { continue }
            let ended = try await server.ask("GET", "/jobs/\(id)?wait=60")
            if ended.json["state"] as? String == "succeeded" {
                versions[id] = try #require(ended.json["head_version"] as? Int)
            }
        }
    }

    func check(_ server: ServerProcess) async throws {
        #expect(!jobs.isEmpty)
        for id in jobs {
            let job = try await server.ask("GET", "/jobs/\(id)?wait=120").json
            guard try Self.hasSucceeded(job) else {
                #expect(versions[id] == nil)
                continue
            }
            let version = try #require(job["head_version"] as? Int)
            #expect(version == versions[id] ?? version)
            let head = try await server.ask("GET", "/heads/\(job["head"] ?? "")/versions/\(version)")
            #expect((head.json["provenance"] as? [String: Any])?["job"] as? String == id, "\(head)")
        }
        for (dataset, ids) in images {
            var found: Set<Int> = []
            var target: String? = "/datasets/\(dataset)/images?limit=1000"
            while let next = target {
                let page = try await server.ask("GET", next).json
                found.formUnion((page["images"] as? [[String: Any]] ?? []).compactMap { $0["id"] as? Int })
                target = (page["next"] as? String).map { "/datasets/\(dataset)/images?limit=1000&after=\($0)" }
            }
            #expect(ids.isSubset(of: found), "\(dataset): \(ids.subtracting(found).count) images are lost")
        }
        // Those too whose acknowledgement did not arrive.
        let all = try await server.ask("GET", "/jobs?limit=1000").json["jobs"] as? [[String: Any]] ?? []
        for id in all.compactMap({ $0["id"] as? String }) {
            _ = try Self.hasSucceeded(try await server.ask("GET", "/jobs/\(id)?wait=120").json)
        }
    }

    /// False where a job failed because the server was killed three times while it ran, for which the kills may be dense
    /// enough; nothing else may become of one.
    private static func hasSucceeded(_ job: [String: Any]) throws -> Bool {
        let state = try #require(job["state"] as? String)
        if state == "failed", let error = job["error"] as? String, error.hasPrefix("the server ended 3 times") {
            return false
        }
        #expect(state == "succeeded", "\(job)")
        return true
    }
}
