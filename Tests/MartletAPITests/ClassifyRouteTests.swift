import Testing

@testable import MartletAPI

@Suite("POST /classify")
struct ClassifyRouteTests {
    let api = MartletAPI(.fake)

    @Test("answers a raw file with its classes and the timing, as JSON and as Server-Timing")
    func rawFile() async throws {
        let answer = try await api.answer("POST /classify?top_k=2", [.contentType: "image/jpeg"], body: jpeg("cat"))
        #expect(
            answer == #"""
                200
                Content-Type: application/json
                Server-Timing: decode;dur=1.9, queue;dur=0.1, compute;dur=5.2, total;dur=7.4

                {"model":"lite","version":"1","head":null,"predictions":[{"id":"0","classes":[\#
                {"label":"cat","index":285,"probability":0.61},{"label":"\"dog\"","index":2,"probability":0.25}]}],\#
                "timing_ms":{"decode":1.9,"queue":0.1,"compute":5.2,"total":7.4}}

                """#)
    }

    @Test(
        "takes the file whatever its media type is called",
        arguments: ["application/x-www-form-urlencoded", "application/octet-stream", "text/plain", nil])
    func mediaType(_ type: String?) async throws {
        let response = try await api.response("POST /classify?top_k=1", [.contentType: type ?? ""], body: jpeg("cat"))
        #expect(response.status.code == 200)
    }

    @Test("gives one bad image of several its own error, and the others their classes")
    func oneOfSeveral() async throws {
        let body = #"{"images": ["/9j/Y2F0", {"b64": "aGVsbG8=", "id": "note", "filename": "n.txt"}]}"#
        let answer = try await api.answer(
            "POST /classify?top_k=1", [.contentType: "application/json"], body: Array(body.utf8))
        #expect(
            answer == #"""
                200
                Content-Type: application/json
                Server-Timing: decode;dur=1.9, queue;dur=0.1, compute;dur=5.2, total;dur=7.4

                {"model":"lite","version":"1","head":null,"predictions":[{"id":"0","classes":[\#
                {"label":"cat","index":285,"probability":0.61}]},{"id":"note","filename":"n.txt","error":\#
                {"type":"/problems/unsupported-image","title":"Not an image that is read","status":415,\#
                "detail":"expected JPEG, PNG or WebP, found text"}}],\#
                "timing_ms":{"decode":1.9,"queue":0.1,"compute":5.2,"total":7.4}}

                """#)
    }

    @Test("answers 415 where the one image is not of a format that is read")
    func unsupported() async throws {
        let answer = try await api.answer("POST /classify", body: Array("hello".utf8))
        #expect(
            answer == #"""
                415
                Content-Type: application/problem+json

                {"type":"/problems/unsupported-image","title":"Not an image that is read","status":415,\#
                "detail":"expected JPEG, PNG or WebP, found text","errors":[{"id":"0","error":\#
                {"type":"/problems/unsupported-image","title":"Not an image that is read","status":415,\#
                "detail":"expected JPEG, PNG or WebP, found text"}}]}

                """#)
    }

    @Test("tells who used curl -d how to send a file")
    func curlHint() async throws {
        let response = try await api.response(
            "POST /classify", [.contentType: "application/x-www-form-urlencoded"], body: Array("image=@cat.jpg".utf8))
        let detail = try jsonObject(response.body)["detail"] as? String
        #expect(
            detail == "expected JPEG, PNG or WebP, found text. "
                + "If this was curl -d, use --data-binary @file: -d changes the bytes")
    }

    @Test(
        "answers 422 where images are damaged or too large, or where all of several failed",
        arguments: [
            ([jpeg("broken")], "broken-image", 422), ([jpeg("huge")], "too-many-pixels", 422),
            ([jpeg("broken"), Array("text".utf8)], "images-failed", 422),
            ([Array("a".utf8), Array("b".utf8)], "images-failed", 422),
            ([jpeg("broken"), jpeg("broken")], "images-failed", 422),
        ])
    func allFail(_ images: [[UInt8]], _ type: String, _ status: Int) async throws {
        let response = try await api.response("POST /classify", .form, body: form(images))
        #expect(response.status.code == status)
        let problem = try jsonObject(response.body)
        #expect(problem["type"] as? String == "/problems/\(type)")
        #expect((problem["errors"] as? [Any])?.count == images.count)
    }

    @Test(
        "answers 503 with Retry-After where memory alone is missing",
        arguments: [
            (["starved"], 503, "out-of-memory"), (["starved", "starved"], 503, "out-of-memory"),
            (["starved", "broken"], 422, "images-failed"),
        ])
    func outOfMemory(_ images: [String], _ status: Int, _ type: String) async throws {
        let response = try await api.response("POST /classify", .form, body: form(images.map(jpeg)))
        #expect(response.status.code == status)
        #expect(response.headerFields[.retryAfter] == (status == 503 ? "1" : nil))
        let problem = try jsonObject(response.body)
        #expect(problem["type"] as? String == "/problems/\(type)")
        let errors = try #require(problem["errors"] as? [[String: Any]]).map { $0["error"] as? [String: Any] }
        #expect(errors.first??["status"] as? Int == 503 && errors.count == images.count, "\(errors)")
    }

    @Test("names the image whose base64 cannot be read: 422")
    func badBase64() async throws {
        let answer = try await api.answer(
            "POST /classify", [.contentType: "application/json"], body: Array(#"{"images": ["%%%"]}"#.utf8))
        #expect(answer.hasPrefix("422\n"))
        #expect(answer.contains(#""id":"0","error":{"type":"/problems/unreadable-image""#))
    }

    @Test(
        "refuses parameters out of range, unknown ones and unknown models by name",
        arguments: [
            ("top_k=0", 400, "'top_k' must be a whole number from 1; found '0'."),
            ("top_k=x", 400, "'top_k' must be a whole number from 1; found 'x'."),
            ("top_k=99999999999999999999", 400, "'top_k' must be a whole number from 1; found '99999999999999999999'."),
            ("top_k=%2B2", 400, "'top_k' must be a whole number from 1; found '+2'."),
            ("top_k=-2", 400, "'top_k' must be a whole number from 1; found '-2'."),
            ("top_k=4", 400, "'top_k' must be a whole number from 1 to 3; found '4'."),
            ("top_k=1&top_k=2", 400, "'top_k' is given twice."),
            (
                "explain=cam", 400,
                "There is no parameter 'explain'; this route takes model, version, timeout_ms, priority, head, head_version, top_k."
            ),
            ("model=%zz", 400, "The query has '%zz', which is not percent-encoded UTF-8."),
            ("model=dark", 404, "there is no model 'dark'; available: lite"),
            ("head=bikes", 404, "There is no head 'bikes': this server has no store."),
        ])
    func parameters(_ query: String, _ status: Int, _ detail: String) async throws {
        let response = try await api.response("POST /classify?\(query)", body: jpeg("cat"))
        #expect(response.status.code == status)
        #expect(try jsonObject(response.body)["detail"] as? String == detail)
    }

    @Test("leaves the number of classes to the service where the request does not say it")
    func defaultTopK() async throws {
        let predictions = try jsonObject(try await api.response("POST /classify", body: jpeg("cat")).body)[
            "predictions"]
        let classes = ((predictions as? [[String: Any]])?.first?["classes"] as? [Any])
        #expect(classes?.count == 3)
    }

    @Test("takes the query as the documentation writes it, empty values and all")
    func emptyValues() async throws {
        let response = try await api.response(
            "POST /classify?model=&head=&top_k=2&explain=&timeout_ms&priority=", body: jpeg("cat"))
        #expect(response.status.code == 200)
    }

    @Test("says how to send an image where there is none")
    func noImage() async throws {
        let empty = try await api.answer("POST /classify")
        #expect(empty.hasPrefix("400\n") && empty.contains("/problems/no-image") && empty.contains("--data-binary"))
        let noParts = try await api.answer("POST /classify", .form, body: form([]))
        #expect(noParts.hasPrefix("400\n") && noParts.contains("/problems/no-image"))
    }

    @Test("takes as many images as the limit, and not one more")
    func imageLimit() async throws {
        let api = MartletAPI(.fake, imageLimit: 3)
        for (count, status) in [(3, 200), (4, 413)] {
            let images = Array(repeating: jpeg("cat"), count: count)
            let response = try await api.response("POST /classify?top_k=1", .form, body: form(images))
            #expect(response.status.code == status, "\(count) images")
        }
    }
}
