import Testing

@testable import MartletAPI

struct TeachingCoverageTests {
    @Test func `Every operation answers as openapi.yaml describes it`() async throws {
        let server = try await TaughtServer()
        try await server.json(201, "PUT /datasets/bikes")
        try await server.json(
            201, "POST /datasets/bikes/images", .form, body: labelledForm(roadsAndHuts()))
        let job = try await server.ended(
            try await server.json(202, "POST /fine-tune", #"{"head": "bikes", "dataset": "bikes"}"#))
        let id = try #require(job["id"]?.string)
        for list in ["/jobs", "/datasets", "/datasets/bikes/images", "/heads", "/heads/bikes/versions"] {
            try await server.json(200, "GET \(list)")
        }
        for path in ["/jobs/\(id)", "/datasets/bikes", "/heads/bikes", "/heads/bikes/versions/1"] {
            try await server.json(200, "GET \(path)")
        }
        for path in ["/jobs/\(id)/events", "/datasets/bikes/images/1", "/heads/bikes/export"] {
            #expect(try await server.response("GET \(path)").status == .ok)
        }
        let file = try await server.response("GET /heads/bikes/export").body
        try await server.json(201, "PUT /heads/bikes", body: file)
        try await server.json(200, "POST /heads/bikes/promote?version=1")
        try await server.json(204, "DELETE /heads/bikes/versions/2")
        try await server.json(409, "DELETE /jobs/\(id)")
        try await server.json(204, "DELETE /heads/bikes")
        try await server.json(204, "DELETE /datasets/bikes/images/1")
        try await server.json(204, "DELETE /datasets/bikes")
        #expect(try server.answered.withLock(\.self) == APIDescription.shared().operations(tagged: "teaching"))
    }

    @Test func `Without a store there are no such routes, and every head is unknown`() async throws {
        let api = MartletAPI(.fake)
        for request in ["POST /fine-tune", "GET /jobs", "GET /datasets", "GET /heads"] {
            #expect(try await api.response(request).status == .notFound)
        }
        let answer = try await api.answer("POST /classify?head=bikes", body: jpeg("cat"))
        #expect(answer.hasPrefix("404\n") && answer.contains("this server has no store"))
    }
}
