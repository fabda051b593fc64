import Foundation
import HTTPTypes
import Testing

@testable import HTTPServer
@testable import MartletAPI

struct DatasetRoutesTests {
    let server: TaughtServer

    init() async throws { server = try await TaughtServer() }

    @Test func `A dataset is created once, and left as it is where nothing is said`() async throws {
        #expect(try await server.json(201, "PUT /datasets/bikes?retain=embeddings")["retain"]?.string == "embeddings")
        #expect(try await server.json(200, "PUT /datasets/bikes")["retain"]?.string == "embeddings")
        #expect(try await server.json(200, "PUT /datasets/bikes?retain=images")["retain"]?.string == "images")
        #expect(try await server.json(201, "PUT /datasets/new")["retain"]?.string == "images")
        #expect(try await server.problem(400, "PUT /datasets/new?retain=all").type == "invalid-parameter")
        #expect(try await server.problem(400, "PUT /datasets/new", body: jpeg("1")).type == "malformed-request")
    }

    @Test(arguments: [".a", "a%20b", "%2e%2e", "-", "a%2Fb", "%C3%A9", String(repeating: "a", count: 65)])
    func `A dataset's name is one for URLs and files`(name: String) async throws {
        let problem = try await server.problem(400, "PUT /datasets/\(name)")
        #expect(problem.type == "invalid-name" && problem.detail.contains("1 to 64 of the characters"))
        #expect(try await server.problem(404, "GET /datasets/\(name)").type == "unknown-dataset")
    }

    @Test func `Images are collected, listed, given back and deleted`() async throws {
        try await server.json(201, "PUT /datasets/bikes")
        let summary = try await server.json(
            201, "POST /datasets/bikes/images?label=road", [.contentType: "image/jpeg"], body: jpeg("1"))
        #expect(summary["added"]?.number == 1 && summary["ids"]?.array == [.number(1)])
        let json = #"{"images": [{"label": "hut", "b64": "/9j/Mg==", "filename": "2.jpg"}]}"#
        #expect(try await server.json(201, "POST /datasets/bikes/images", json)["ids"]?.array == [.number(2)])
        let dataset = try await server.json(200, "GET /datasets/bikes")
        #expect(dataset["images"]?.number == 2)
        #expect(dataset["labels"]?.array.compactMap { $0["label"]?.string } == ["hut", "road"])
        let images = try await server.json(200, "GET /datasets/bikes/images")["images"]?.array ?? []
        #expect(images.map { $0["filename"]?.string } == [nil, "2.jpg"])
        // sha256sum of the four bytes FF D8 FF 31.
        #expect(images.first?["digest"]?.string == "sha256:\(Self.digest)")
        let file = try await server.response("GET /datasets/bikes/images/1")
        #expect(file.body == jpeg("1") && file.headerFields[.contentType] == "image/jpeg")
        #expect(file.headerFields[.xContentTypeOptions] == "nosniff")
        try await server.json(204, "DELETE /datasets/bikes/images/1")
        for method in ["GET", "DELETE"] {
            #expect(try await server.problem(404, "\(method) /datasets/bikes/images/1").type == "unknown-dataset-image")
        }
        try await server.json(204, "DELETE /datasets/bikes")
        #expect(try await server.problem(404, "DELETE /datasets/bikes").type == "unknown-dataset")
    }

    @Test func `An image is named by its digest, and parts of it are sent`() async throws {
        try await server.json(201, "PUT /datasets/bikes")
        try await server.json(
            201, "POST /datasets/bikes/images?label=road", [.contentType: "image/jpeg"], body: jpeg("1"))
        let tag = "\"\(Self.digest)\""
        for (method, fields, status, body, range) in [
            ("GET", [:], 200, jpeg("1"), nil),
            ("GET", [.range: "bytes=2-3"], 206, Array(jpeg("1")[2...3]), "bytes 2-3/4"),
            ("GET", [.range: "bytes=-1", .ifRange: tag], 206, Array("1".utf8), "bytes 3-3/4"),
            ("GET", [.range: "bytes=-1", .ifRange: #""other""#], 200, jpeg("1"), nil),
            ("GET", [.range: "bytes=4-"], 416, nil, "bytes */4"), ("GET", [.ifNoneMatch: tag], 304, [], nil),
            ("GET", [.ifMatch: #""other""#], 412, nil, nil), ("HEAD", [.range: "bytes=2-3"], 200, jpeg("1"), nil),
        ] as [(String, HTTPFields, Int, [UInt8]?, String?)] {
            let file = try await server.api.response("\(method) /datasets/bikes/images/1", fields)
            #expect(file.headerFields[.eTag] == tag && file.headerFields[.acceptRanges] == "bytes")
            var head = HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/", headerFields: fields)
            head.method = try #require(HTTPRequest.Method(rawValue: method))
            let answer = await file.selected(for: head, refusal: server.api.refusal)
            #expect(answer.status.code == status && answer.headerFields[.contentRange] == range, "\(fields)")
            if let body { #expect(answer.body == body, "\(fields)") }
            let faults = try APIDescription.shared().faults(in: answer, to: "GET /datasets/bikes/images/1").faults
            #expect(faults == [], "\(fields)")
        }
    }

    @Test func `Conditions are put to what is there, and what is not there is a 404`() async throws {
        try await server.json(201, "PUT /datasets/bikes", [.ifNoneMatch: "*"])
        try await server.json(
            201, "POST /datasets/bikes/images?label=road", [.contentType: "image/jpeg"], body: jpeg("1"))
        let image = "DELETE /datasets/bikes/images/1"
        for (startLine, fields, status) in [
            ("PUT /datasets/bikes", [.ifNoneMatch: "*"], 412), ("PUT /datasets/bikes", [.ifMatch: "*"], 200),
            ("PUT /datasets/new", [.ifMatch: "*"], 412), ("DELETE /datasets/new", [.ifMatch: "*"], 404),
            ("DELETE /datasets/new", [.ifMatch: #""1""#], 404), ("DELETE /datasets/bikes", [.ifMatch: #""1""#], 412),
            ("POST /datasets/new/images?label=a", [.ifMatch: #""1""#], 404),
            ("POST /heads/new/promote?version=1", [.ifMatch: #""1""#], 404),
            ("DELETE /heads/new", [.ifMatch: #""1""#], 404),
            ("DELETE /heads/new/versions/1", [.ifNoneMatch: "*"], 404), ("DELETE /jobs/none", [.ifNoneMatch: "*"], 404),
            ("DELETE /datasets/bikes/images/9", [.ifMatch: #""1""#], 404),
            ("DELETE /datasets/bikes/images/x", [.ifMatch: #""1""#], 400),
            (image, [.ifMatch: #""1""#], 412), (image, [.ifMatch: "\"\(Self.digest)\""], 204),
        ] as [(String, HTTPFields, Int)] {
            try await server.json(status, startLine, fields, body: startLine.hasPrefix("POST") ? jpeg("2") : [])
        }
    }

    private static let digest = "faee59d72b06aa175bf8e7bb19b0db4c2992e196a82a1c5a03d395e223dfcb37"

    @Test func `The same file again is a duplicate, and under another label a conflict`() async throws {
        try await server.json(201, "PUT /datasets/bikes")
        let photos = [("road", "1"), ("road", "1"), ("hut", "1"), ("hut", "2")].map { label, name in
            LabelledPhoto(label: label, filename: name, bytes: jpeg(name))
        }
        let summary = try await server.json(201, "POST /datasets/bikes/images", .form, body: labelledForm(photos))
        #expect(summary["added"]?.number == 3 && summary["duplicates"]?.number == 1)
        #expect(summary["ids"]?.array == [1, 1, 2, 3].map { .number($0) })
        let conflict = try #require(summary["conflicts"]?.array.first)
        #expect(conflict["id"]?.number == 2)
        #expect(conflict["same_file_as"]?.array == [.object(["id": .number(1), "label": .string("road")])])
    }

    @Test func `Of an archive what is no image is skipped and named`() async throws {
        try await server.json(201, "PUT /datasets/animals")
        let summary = try await server.json(
            201, "POST /datasets/animals/images", body: LabelledUploadTests.fixture("photos.zip"))
        #expect(summary["added"]?.number == 3 && summary["skipped_files"]?.number == 3)
        #expect(summary["skipped"]?.array.first?.string == "README.md")
        let none = try await server.problem(
            400, "POST /datasets/animals/images", body: tarArchive([("cats/a.gif", Array("GIF89a".utf8))]))
        #expect(none.type == "no-image" && none.detail.contains("cats/a.gif"))
    }

    @Test func `What a client sent that has left is not unpacked`() async throws {
        try await server.json(201, "PUT /datasets/d")
        let body = try LabelledUploadTests.fixture("photos.zip")
        let answer = await Task { [server] in
            withUnsafeCurrentTask { $0?.cancel() }
            return try await server.api.response("POST /datasets/d/images", body: body).status.code
        }.result
        #expect(try answer.get() == 408)
        #expect(try await server.json(200, "GET /datasets/d")["images"]?.number == 0)
    }

    @Test func `Lists come in parts`() async throws {
        for name in ["c", "a", "b"] { try await server.json(201, "PUT /datasets/\(name)") }
        let first = try await server.json(200, "GET /datasets?limit=2")
        #expect(
            first["datasets"]?.array.compactMap { $0["name"]?.string } == ["a", "b"] && first["next"]?.string == "b")
        let second = try await server.json(200, "GET /datasets?limit=2&after=b")
        #expect(second["datasets"]?.array.compactMap { $0["name"]?.string } == ["c"] && second["next"] == .null)
        let photos = (1...3).map { LabelledPhoto(label: "l", filename: "\($0)", bytes: jpeg("\($0)")) }
        try await server.json(201, "POST /datasets/a/images", .form, body: labelledForm(photos))
        let images = try await server.json(200, "GET /datasets/a/images?limit=1&after=1")
        #expect(images["images"]?.array.first?["id"]?.number == 2 && images["next"]?.string == "2")
        for after in ["-1", "x", "%2B1", "99999999999999999999"] {
            #expect(try await server.problem(400, "GET /datasets/a/images?after=\(after)").type == "invalid-parameter")
        }
        #expect(try await server.problem(404, "GET /datasets/x/images").type == "unknown-dataset")
    }

    @Test(arguments: [
        ("/datasets/none/images?label=a", 404, "unknown-dataset", "PUT /datasets/none creates it"),
        ("/datasets/d/images", 400, "missing-label", "?label="),
        ("/datasets/d/images?label=%07", 400, "invalid-label", "control characters"),
        ("/datasets/d/images?label=\(String(repeating: "x", count: 10_000))", 400, "invalid-label", "256 bytes"),
        ("/datasets/d/images?labels=a", 400, "unknown-parameter", "labels"),
    ])
    func `Images that cannot be added are refused`(
        target: String, status: Int, type: String, detail: String
    ) async throws {
        try await server.json(201, "PUT /datasets/d")
        let problem = try await server.problem(status, "POST \(target)", body: jpeg("1"))
        #expect(problem.type == type && problem.detail.contains(detail) && problem.detail.count < 1000, "\(problem)")
    }

    @Test(arguments: [
        ("", 400, "no-image"), ("text", 415, "unsupported-image"), ("GIF89a", 415, "unsupported-image"),
        (#"{"images": []}"#, 400, "no-image"), (#"{"images": [{"b64": "dGV4dA=="}]}"#, 415, "unsupported-image"),
        (#"{"images": [{"b64": "%"}]}"#, 422, "unreadable-image"),
        (#"{"images": [{"b64": "/9j/MQ=="}], "seed": 1}"#, 400, "unknown-parameter"),
    ])
    func `A body without images is refused`(body: String, status: Int, type: String) async throws {
        try await server.json(201, "PUT /datasets/d")
        #expect(
            try await server.problem(status, "POST /datasets/d/images?label=a", body: Array(body.utf8)).type == type)
        #expect(try await server.json(200, "GET /datasets/d")["images"]?.number == 0)
    }

    @Test(arguments: ["0", "-1", "x", "%2B1", "1.0", "99999999999999999999"])
    func `An image's id is a whole number from 1`(id: String) async throws {
        try await server.json(201, "PUT /datasets/d")
        for method in ["GET", "DELETE"] {
            #expect(try await server.problem(400, "\(method) /datasets/d/images/\(id)").type == "invalid-parameter")
        }
    }
}
