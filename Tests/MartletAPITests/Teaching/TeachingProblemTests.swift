import Foundation
import GRDB
import HTTPTypes
import Testing

@testable import MartletAPI
@testable import Persistence
@testable import Service

/// What the store and the service say, as the client hears it.
@Suite(.timeLimit(.minutes(2)))
struct TeachingProblemTests {
    @Test(arguments: [
        (StoreError.unknownDataset("d"), 404, "unknown-dataset"),
        (.unknownImage(1, dataset: "d"), 404, "unknown-dataset-image"),
        (.unknownJob("j"), 404, "unknown-job"), (.unknownHead("h"), 404, "unknown-head"),
        (.unknownHeadVersion(1, head: "h"), 404, "unknown-head-version"),
        (.nothingPromoted(head: "h"), 409, "nothing-promoted"), (.invalidName("/"), 400, "invalid-name"),
        (.invalidLabel(""), 400, "invalid-label"), (.jobEnded("j", .failed), 409, "job-ended"),
        (.headBusy("h", job: "j"), 409, "head-busy"),
        (.idempotencyKeyReused("k", job: "j"), 422, "idempotency-key-reused"),
        (.versionPromoted(1, head: "h"), 409, "version-promoted"), (.tooLarge, 413, "content-too-large"),
        (.diskFull, 507, "storage-full"), (.busy, 503, "store-busy"), (.closed, 503, "stopping"),
        (.corrupt(path: "/secret", reason: "r"), 500, "internal-error"), (.failed("secret"), 500, "internal-error"),
    ])
    func `An error of the store has a status and a type`(error: StoreError, status: Int, type: String) {
        let problem = Problem(TeachingError.store(error))
        #expect(problem.status.code == status && problem.type.rawValue == type)
        #expect(!problem.detail.contains("secret") && problem.detail.last == ".")
        #expect((problem.headerFields[.retryAfter] != nil) == (error == .busy))
    }

    @Test func `An error of the service has a status and a type`() {
        let errors: [(TeachingError, Int, String)] = [
            (.service(.unknownModel("m", available: [])), 404, "unknown-model"),
            (.service(.headNetworkMissing(head: "h", model: "m", reason: "r")), 409, "head-network-missing"),
            (.service(.modelUnavailable(reason: "r")), 503, "model-unavailable"),
            (.option(InvalidOption("l2", expected: "a", found: "b")), 400, "invalid-parameter"),
            (.missingOption("head", reason: "r"), 400, "missing-parameter"),
            (.tooFewClasses(found: []), 422, "too-few-classes"),
            (.tooFewImages(label: "l", found: 1), 422, "too-few-images"),
            (.exportFailed(reason: "r"), 422, "export-failed"),
        ]
        for (error, status, type) in errors {
            let problem = Problem(error)
            #expect(problem.status.code == status && problem.type.rawValue == type)
        }
    }

    @Test func `No message repeats a long name whole`() async throws {
        let server = try await TaughtServer()
        let name = String(repeating: "n", count: 20_000)
        for request in ["GET /heads/\(name)", "PUT /datasets/\(name)", "GET /jobs/\(name)", "GET /jobs?before=\(name)"]
        {
            #expect(try await server.response(request).body.count < 1000, "\(request.prefix(20))")
        }
    }

    @Test func `A full disk is 507, and nothing is changed`() async throws {
        let server = try await TaughtServer()
        try await server.json(201, "PUT /datasets/d")
        try await server.store.limitPages(to: 60)
        let large = (0..<4).map { index in
            LabelledPhoto(
                label: index < 2 ? "road" : "hut", filename: "\(index).jpg",
                bytes: jpeg("\(index)") + Array(repeating: 0, count: 1 << 18))
        }
        for target in ["/datasets/d/images", "/fine-tune?head=h"] {
            let problem = try await server.problem(507, "POST \(target)", .form, body: labelledForm(large))
            #expect(problem.type == "storage-full")
        }
        #expect(try await server.json(200, "GET /datasets")["datasets"]?.array.map { $0["images"]?.number } == [0])
        #expect(try await server.json(200, "GET /jobs")["jobs"]?.array.isEmpty == true)
        try await server.store.limitPages(to: 100_000)
        try await server.json(201, "POST /datasets/d/images", .form, body: labelledForm(large))
    }

    @Test func `A stored head that is damaged is the server's fault`() async throws {
        let server = try await TaughtServer()
        try await server.teach()
        let version = try await server.store.headVersion(1, of: "bikes")
        _ = try await server.store.saveHead(
            "damaged",
            NewHeadVersion(
                kind: .logistic, labels: version.labels, tensors: Data([1, 2, 3]), provenance: version.provenance),
            promote: true)
        #expect(
            try await server.problem(500, "POST /classify?head=damaged", body: photo([1, 0, 0, 0])).type
                == "internal-error")
    }
}

extension SQLiteStore {
    fileprivate func limitPages(to count: Int) async throws {
        try await writeWithoutTransaction { db in try db.execute(sql: "PRAGMA max_page_count = \(count)") }
    }
}
