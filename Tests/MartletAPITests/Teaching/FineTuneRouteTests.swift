import HTTPTypes
import Testing

@testable import MartletAPI

@Suite(.timeLimit(.minutes(2)))
struct FineTuneRouteTests {
    let server: TaughtServer

    init() async throws { server = try await TaughtServer() }

    @Test func `One command teaches a head, which classifies on the next request`() async throws {
        let response = try await server.response(
            "POST /fine-tune?head=bikes", .form, body: labelledForm(roadsAndHuts()))
        #expect(response.status == .accepted)
        let job = try decoded(response)
        #expect(response.headerFields[.location] == "/jobs/\(try #require(job["id"]?.string))")
        #expect(job["state"]?.string == "queued" && job["head"]?.string == "bikes" && job["dataset"]?.string == "bikes")
        #expect(job["images"]?["added"]?.number == 12)
        let ended = try await server.ended(job)
        #expect(ended["head_version"]?.number == 1 && ended["accuracy"]?.number == 1)
        // A label stays as it was written, also as the name of a member.
        #expect(ended["metrics"]?["validation"]?["per_class"]?.object.keys.sorted() == ["mountainHut", "road"])
        #expect(ended["warnings"]?.array.isEmpty == false)

        let answer = try await server.json(200, "POST /classify?head=bikes", body: photo([0.9, 0, 0.1, 0]))
        #expect(answer["head"]?.string == "bikes" && answer["head_version"]?.number == 1)
        let prediction = try #require(answer["predictions"]?.array.first)
        #expect(prediction["classes"]?.array.first?["label"]?.string == "road")
        let novelty = try #require(prediction["novelty"])
        #expect(try novelty["known"] == .bool(#require(novelty["score"]?.number) <= 1))
    }

    @Test func `Options stand in the query, in the form's fields and in JSON, and come back in the job`() async throws {
        let form = labelledForm(
            roadsAndHuts(), [("seed", "7"), ("retain", "embeddings"), ("l2", "2"), ("model", "")])
        let job = try await server.ended(
            try await server.json(202, "POST /fine-tune?head=bikes&l2=2", .form, body: form))
        #expect(job["request"]?["l2"]?.number == 2 && job["request"]?["seed"]?.number == 7)
        #expect(try await server.json(200, "GET /datasets/bikes")["retain"]?.string == "embeddings")
        let second = try await server.json(
            202, "POST /fine-tune", #"{"head": "bikes", "dataset": "bikes", "type": "mlp", "epochs": 5, "l2": null}"#)
        #expect(try await server.ended(second)["head_version"]?.number == 2)
        let third = try await server.json(202, "POST /fine-tune?head=bikes&dataset=bikes")
        #expect(try await server.ended(third)["head_version"]?.number == 3)
    }

    @Test func `A dataset that there is keeps of its images what the job says`() async throws {
        try await server.json(201, "PUT /datasets/bikes")
        try await server.teach("bikes", "&retain=embeddings")
        #expect(try await server.json(200, "GET /datasets/bikes")["retain"]?.string == "embeddings")
        #expect(try await server.problem(410, "GET /datasets/bikes/images/1").type == "image-not-kept")
    }

    @Test func `A file that another dataset keeps is not shown where only embeddings are`() async throws {
        try await server.teach("bikes", "&retain=embeddings")
        try await server.teach("others")
        #expect(try await server.problem(410, "GET /datasets/bikes/images/1").type == "image-not-kept")
        let others = try await server.json(200, "GET /datasets/others/images?limit=1")["images"]?.array.first
        let id = try #require(others?["id"]?.number)
        #expect(try await server.response("GET /datasets/others/images/\(Int(id))").status == .ok)
    }

    @Test func `The same request with the same key gets the same job`() async throws {
        let key = try #require(HTTPField.Name("Idempotency-Key"))
        let fields: HTTPFields = [.contentType: "multipart/form-data; boundary=X", key: "k1"]
        let body = labelledForm(roadsAndHuts())
        let first = try await server.json(202, "POST /fine-tune?head=bikes", fields, body: body)
        let again = try await server.json(202, "POST /fine-tune?head=bikes", fields, body: body)
        #expect(first["id"] == again["id"] && first["images"] != nil && again["images"] == nil)
        let other = try await server.json(422, "POST /fine-tune?head=bikes&seed=1", fields, body: body)
        #expect(other["type"]?.string == "/problems/idempotency-key-reused" && other["job"] == first["id"])
        for value in ["", String(repeating: "k", count: 256)] {
            let problem = try await server.problem(400, "POST /fine-tune?head=bikes", [key: value], body: body)
            #expect(problem.type == "invalid-parameter" && problem.detail.contains("Idempotency-Key"))
        }
        _ = try await server.ended(first)
        #expect(try await server.json(200, "GET /jobs")["jobs"]?.array.count == 1)
    }

    @Test func `A head is trained by one job at a time`() async throws {
        server.networks.isClosed.withLock { $0 = true }
        let body = labelledForm(roadsAndHuts())
        let first = try await server.json(202, "POST /fine-tune?head=bikes", .form, body: body)
        let second = try await server.json(409, "POST /fine-tune?head=bikes", .form, body: body)
        #expect(second["type"]?.string == "/problems/head-busy" && second["job"] == first["id"])
        server.networks.isClosed.withLock { $0 = false }
        _ = try await server.ended(first)
    }

    @Test(arguments: [
        ("?head=bikes", ["road", "road"], 422, "too-few-classes", "'road'"),
        ("?head=bikes", ["road", "road", "hut"], 422, "too-few-images", "'hut' has 1 image"),
        ("", ["road", "road", "hut", "hut"], 400, "missing-parameter", "'head'"),
        ("?head=a%20b", ["road", "road", "hut", "hut"], 400, "invalid-parameter", "'head'"),
        ("?head=bikes&model=dark", ["road", "road", "hut", "hut"], 404, "unknown-model", "dark"),
        ("?head=bikes&heat=1", ["road", "road", "hut", "hut"], 400, "unknown-parameter", "'heat'"),
        ("?head=bikes&label=road", ["road", "road", "hut", "hut"], 400, "unknown-parameter", "'label'"),
        ("?head=bikes", ["ro\u{7}ad", "ro\u{7}ad", "hut", "hut"], 400, "invalid-label", "control characters"),
        ("?head=bikes", [String(repeating: "x", count: 257), "hut"], 400, "invalid-label", "256 bytes"),
        ("?head=bikes", [String(repeating: "x", count: 10_000), "hut"], 400, "malformed-request", "at most 256 bytes"),
        ("?head=bikes", ["ro%0Aad", "ro%0Aad", "hut", "hut"], 400, "invalid-label", "control characters"),
        ("?head=bikes&dataset=gone&l2=-1", ["hut"], 400, "invalid-parameter", "'l2'"),
        ("?head=bikes", [], 400, "no-image", "curl -F road=@r1.jpg"),
    ])
    func `What cannot be taught is refused, and nothing is stored`(
        query: String, labels: [String], status: Int, type: String, detail: String
    ) async throws {
        let photos = labels.enumerated().map { index, label in
            LabelledPhoto(label: label, filename: "\(index).jpg", bytes: photo([Float(index), 0, 0, 0]))
        }
        let problem = try await server.problem(status, "POST /fine-tune\(query)", .form, body: labelledForm(photos))
        #expect(problem.type == type && problem.detail.contains(detail), "\(problem)")
        #expect(try await server.store.datasets(after: nil, limit: 9).isEmpty)
        #expect(try await server.store.jobs(before: nil, limit: 9).isEmpty)
    }

    @Test(arguments: [
        ("", 400, "no-image"), (#"{"head": "bikes"}"#, 400, "no-image"), ("[1]", 400, "malformed-request"),
        (" []", 400, "malformed-request"),
        (#"{"head": "bikes", "dataset": "gone"}"#, 404, "unknown-dataset"),
        (#"{"head": "bikes", "dataset": "gone", "lr": 1}"#, 400, "unknown-parameter"),
        (#"{"head": {"a": 1}, "dataset": "gone"}"#, 400, "invalid-parameter"), ("{", 400, "malformed-request"),
        (#"{"head": "bikes", "dataset": "../x"}"#, 400, "invalid-parameter"), ("text", 415, "unsupported-image"),
    ])
    func `A body that is neither images nor options is refused`(body: String, status: Int, type: String) async throws {
        #expect(try await server.problem(status, "POST /fine-tune", body: Array(body.utf8)).type == type)
    }

    @Test func `An array where options should be is called so`() async throws {
        let fields: HTTPFields = [.contentType: "application/x-www-form-urlencoded"]
        let problem = try await server.problem(400, "POST /fine-tune", fields, body: Array("[]".utf8))
        #expect(problem.detail.hasPrefix("The JSON is not an object. Expected {"), "\(problem.detail)")
    }

    @Test func `A label has what the form's escapes stand for`() async throws {
        let photos = roadsAndHuts().map {
            LabelledPhoto(label: "\($0.label)%22x", filename: "a%22.jpg", bytes: $0.bytes)
        }
        let job = try await server.ended(
            try await server.json(202, "POST /fine-tune?head=bikes", .form, body: labelledForm(photos)))
        #expect(job["metrics"]?["labels"]?.array == [.string("mountainHut\"x"), .string("road\"x")], "\(job)")
        let images = try await server.json(200, "GET /datasets/bikes/images?limit=1")["images"]?.array
        #expect(images?.first?["filename"]?.string == "a\".jpg")
    }

    @Test func `Who forgot the @ is told so`() async throws {
        let body = labelledForm(roadsAndHuts(), [("road", "r1.jpg")])
        let problem = try await server.problem(400, "POST /fine-tune?head=bikes", .form, body: body)
        #expect(problem.type == "unknown-parameter" && problem.detail.contains("-F road=@r1.jpg"))
    }

    @Test func `A file of a form that is no image is named, and nothing is stored`() async throws {
        let heic = LabelledPhoto(label: "road", filename: "r9.heic", bytes: [0, 0, 0, 24] + Array("ftypheic".utf8))
        let problem = try await server.problem(
            415, "POST /fine-tune?head=bikes", .form, body: labelledForm(roadsAndHuts() + [heic]))
        #expect(problem.type == "unsupported-image")
        #expect(problem.detail.hasPrefix("'r9.heic' of the form's part 'road': found HEIC;"), "\(problem.detail)")
        #expect(try await server.store.datasets(after: nil, limit: 9).isEmpty)
    }

    @Test func `A damaged image is left out, and a warning names it`() async throws {
        let broken = LabelledPhoto(label: "road", filename: "b.jpg", bytes: jpeg("no numbers"))
        let job = try await server.ended(
            try await server.json(
                202, "POST /fine-tune?head=bikes", .form, body: labelledForm(roadsAndHuts() + [broken])))
        #expect(job["metrics"]?["skipped_images"]?.number == 1)
        #expect(job["warnings"]?.array.contains { $0.string?.contains("b.jpg") == true } == true)
    }

    @Test func `An archive without an image is refused also where a dataset is named`() async throws {
        try await server.teach()
        let tar = tarArchive([("road/notes.txt", Array("text".utf8))])
        let problem = try await server.problem(400, "POST /fine-tune?head=bikes&dataset=bikes", body: tar)
        #expect(problem.type == "no-image" && problem.detail.contains("road/notes.txt"))
    }
}
