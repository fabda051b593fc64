import HTTPTypes
import Testing

@testable import MartletAPI

@Suite(.timeLimit(.minutes(2)))
struct HeadRoutesTests {
    let server: TaughtServer

    init() async throws { server = try await TaughtServer() }

    @Test func `Heads are listed with their labels and accuracy, in parts`() async throws {
        for name in ["b", "a"] { try await server.teach(name) }
        let list = try await server.json(200, "GET /heads?limit=1")
        let head = try #require(list["heads"]?.array.first)
        #expect(head["name"]?.string == "a" && head["accuracy"]?.number == 1 && head["type"]?.string == "logistic")
        #expect(head["labels"]?.array == [.string("mountainHut"), .string("road")] && head["metrics"] == nil)
        #expect(list["next"]?.string == "a")
        #expect(try await server.json(200, "GET /heads?after=a")["heads"]?.array.count == 1)
    }

    @Test func `A version is promoted, rolled back and deleted`() async throws {
        try await server.teach()
        try await server.teach("bikes", "&promote=false")
        let head = try await server.json(200, "GET /heads/bikes")
        #expect(head["promoted"]?.number == 1 && head["latest"]?.number == 2 && head["versions"]?.number == 2)
        #expect(head["version"]?.number == 1 && head["provenance"]?["dataset"]?.string == "bikes")
        let promoted = try await server.json(200, "POST /heads/bikes/promote", #"{"version": 2}"#)
        #expect(promoted["promoted"]?.number == 2 && promoted["version"]?.number == 2)
        let photo = photo([1, 0, 0, 0])
        #expect(try await server.json(200, "POST /classify?head=bikes", body: photo)["head_version"]?.number == 2)
        #expect(
            try await server.json(200, "POST /classify?head=bikes&head_version=1", body: photo)["head_version"]?.number
                == 1)
        try await server.json(200, "POST /heads/bikes/promote?version=1")
        #expect(try await server.json(200, "POST /classify?head=bikes", body: photo)["head_version"]?.number == 1)
        #expect(try await server.problem(409, "DELETE /heads/bikes/versions/1").type == "version-promoted")
        try await server.json(204, "DELETE /heads/bikes/versions/2")
        #expect(try await server.problem(404, "GET /heads/bikes/versions/2").type == "unknown-head-version")
        try await server.json(204, "DELETE /heads/bikes")
        #expect(try await server.problem(404, "POST /classify?head=bikes", body: photo).type == "unknown-head")
    }

    @Test func `Versions are listed in parts, the newest first`() async throws {
        for _ in 0..<3 { try await server.teach() }
        let first = try await server.json(200, "GET /heads/bikes/versions?limit=2")
        #expect(
            first["versions"]?.array.compactMap { $0["version"]?.number } == [3, 2] && first["next"]?.string == "2")
        let second = try await server.json(200, "GET /heads/bikes/versions?limit=2&before=2")
        #expect(second["versions"]?.array.compactMap { $0["version"]?.number } == [1] && second["next"] == .null)
        let version = try await server.json(200, "GET /heads/bikes/versions/1")
        #expect(version["promoted"] == .bool(false) && version["metrics"]?["images"]?.number == 12)
        #expect(try await server.problem(400, "GET /heads/bikes/versions?before=-1").type == "invalid-parameter")
        #expect(try await server.problem(404, "GET /heads/x/versions").type == "unknown-head")
    }

    @Test func `An exported head is imported under another name and answers the same`() async throws {
        try await server.teach("bikes", "&promote=false")
        #expect(try await server.problem(409, "GET /heads/bikes/export").type == "nothing-promoted")
        let photo = photo([0.4, 0.3, 0, 0])
        #expect(try await server.problem(409, "POST /classify?head=bikes", body: photo).type == "nothing-promoted")
        let file = try await server.response("GET /heads/bikes/export?version=1")
        #expect(file.headerFields[.contentDisposition] == "attachment; filename=\"bikes-1.safetensors\"")
        #expect(file.headerFields[.acceptRanges] == "bytes" && file.headerFields[.eTag] != nil)
        let imported = try await server.response("PUT /heads/copy", body: file.body)
        #expect(imported.status == .created && imported.headerFields[.location] == "/heads/copy/versions/1")
        #expect(try decoded(imported)["accuracy"]?.number == 1)
        let answers = try await [
            server.json(200, "POST /classify?head=bikes&head_version=1", body: photo),
            server.json(200, "POST /classify?head=copy", body: photo),
        ]
        #expect(answers[0]["predictions"] == answers[1]["predictions"])
        #expect(try await server.response("GET /heads/copy/export").body == file.body)
        try await server.json(201, "PUT /heads/copy?promote=false", body: file.body)
        #expect(try await server.json(200, "GET /heads/copy")["promoted"]?.number == 1)
        let onnx = try await server.response("GET /heads/copy/export?format=onnx&version=2")
        #expect(onnx.body == Array("onnx".utf8))
        #expect(onnx.headerFields[.eTag] != file.headerFields[.eTag])
        #expect(onnx.headerFields[.contentDisposition] == "attachment; filename=\"copy-2.onnx\"")
    }

    @Test(arguments: [
        ("PUT /heads/h", "", 400, "malformed-request"), ("PUT /heads/h", "text", 422, "invalid-head-file"),
        ("PUT /heads/h?promote=1", "text", 400, "invalid-parameter"),
        ("GET /heads/bikes/export?format=keras", "", 400, "invalid-parameter"),
        ("GET /heads/bikes/export?version=0", "", 400, "invalid-parameter"),
        ("GET /heads/bikes/export?version=9", "", 404, "unknown-head-version"),
        ("GET /heads/none/export", "", 404, "unknown-head"), ("GET /heads/none", "", 404, "unknown-head"),
        ("DELETE /heads/none", "", 404, "unknown-head"), ("DELETE /heads/none/versions/1", "", 404, "unknown-head"),
        ("GET /heads/bikes/versions/0", "", 400, "invalid-parameter"),
        ("GET /heads/bikes/versions/-1", "", 400, "invalid-parameter"),
        ("DELETE /heads/bikes/versions/x", "", 400, "invalid-parameter"),
        ("DELETE /heads/bikes/versions/9", "", 404, "unknown-head-version"),
        ("POST /heads/bikes/promote", "", 400, "missing-parameter"),
        ("POST /heads/bikes/promote", "{}", 400, "missing-parameter"),
        ("POST /heads/bikes/promote", "[1]", 400, "malformed-request"),
        ("POST /heads/bikes/promote", #"{"version": "1"}"#, 400, "invalid-parameter"),
        ("POST /heads/bikes/promote", #"{"version": 1.5}"#, 400, "invalid-parameter"),
        ("POST /heads/bikes/promote", #"{"version": 0}"#, 400, "invalid-parameter"),
        ("POST /heads/bikes/promote", #"{"version": -1}"#, 400, "invalid-parameter"),
        ("POST /heads/bikes/promote", #"{"version": 1, "force": true}"#, 400, "malformed-request"),
        ("POST /heads/bikes/promote", #"{"version": 1, "version": 1}"#, 400, "malformed-request"),
        ("POST /heads/bikes/promote", #"{"version": 1} x"#, 400, "malformed-request"),
        ("POST /heads/bikes/promote?version=1", #"{"version": 1}"#, 400, "malformed-request"),
        ("POST /heads/bikes/promote?version=-1", "", 400, "invalid-parameter"),
        ("POST /heads/bikes/promote", #"{"version": 9}"#, 404, "unknown-head-version"),
        ("POST /heads/none/promote?version=1", "", 404, "unknown-head"),
        ("POST /classify?head_version=1", "x", 400, "invalid-parameter"),
        ("POST /classify?head=bikes&head_version=9", "x", 404, "unknown-head-version"),
        ("POST /classify?head=bikes&head_version=0", "x", 400, "invalid-parameter"),
        ("POST /classify?head=..%2F..%2Fx", "x", 404, "unknown-head"),
    ])
    func `What cannot be done with a head is refused`(
        request: String, body: String, status: Int, type: String
    ) async throws {
        if request.contains("bikes") { try await server.teach() }
        let problem = try await server.problem(status, request, body: Array(body.utf8))
        #expect(problem.type == type, "\(problem.detail)")
    }

    @Test(arguments: [
        (Array("\u{8}\u{8}\u{12}\u{7}pytorch".utf8), "This is an ONNX model; a head is a .safetensors file that"),
        (jpeg("1"), "This is a JPEG image; a head is a .safetensors file that GET /heads/NAME/export gives."),
        (tarArchive([("a/1.jpg", jpeg("1"))]), "This is an archive; a head is"),
    ])
    func `A file of another kind is called what it is`(file: [UInt8], detail: String) async throws {
        let problem = try await server.problem(422, "PUT /heads/h", body: file)
        #expect(problem.type == "invalid-head-file" && problem.detail.hasPrefix(detail), "\(problem.detail)")
    }

    @Test func `What is wrong with a head's file is one sentence`() async throws {
        let header = #"{"__metadata__": {"martlet.head": "no JSON"}}"#
        let file = [UInt8(header.utf8.count), 0, 0, 0, 0, 0, 0, 0] + Array(header.utf8)
        let problem = try await server.problem(422, "PUT /heads/h", body: file)
        #expect(problem.detail.hasPrefix("This is no head: metadata 'martlet.head'"), "\(problem.detail)")
        #expect(!problem.detail.hasSuffix(".."), "\(problem.detail)")
    }

    @Test func `A head is imported only under a name for URLs and files`() async throws {
        try await server.teach()
        let file = try await server.response("GET /heads/bikes/export").body
        #expect(try await server.problem(400, "PUT /heads/a%20b", body: file).type == "invalid-name")
        for count in [file.count - 1, 100, 8, 1] {
            #expect(
                try await server.problem(422, "PUT /heads/h", body: Array(file[..<count])).type == "invalid-head-file")
        }
    }
}
