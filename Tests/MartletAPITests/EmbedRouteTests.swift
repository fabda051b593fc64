import Testing

@testable import MartletAPI

@Suite("POST /embed")
struct EmbedRouteTests {
    let api = MartletAPI(.fake)

    @Test("answers with normalized vectors of the default layer as JSON numbers")
    func float() async throws {
        let answer = try await api.answer("POST /embed", .form, body: form([jpeg("cat"), jpeg("broken")]))
        #expect(
            answer == #"""
                200
                Content-Type: application/json
                Server-Timing: decode;dur=1.9, queue;dur=0.1, compute;dur=5.2, total;dur=7.4

                {"model":"lite","version":"1","layer":"global_pool","dimensions":2,"embeddings":[\#
                {"id":"0","filename":"0.jpg","embedding":[0.6,-0.8]},{"id":"1","filename":"1.jpg","error":\#
                {"type":"/problems/broken-image","title":"The image is damaged","status":422,\#
                "detail":"the JPEG ends too early"}}],\#
                "timing_ms":{"decode":1.9,"queue":0.1,"compute":5.2,"total":7.4}}

                """#)
    }

    /// The expected text: `base64.b64encode(numpy.array([3, -4], "<f4"))`.
    @Test("writes base64 of little-endian float32, and leaves vectors as they are if asked")
    func base64() async throws {
        let answer = try await api.answer("POST /embed?encoding=base64&normalize=false&layer=stem", body: jpeg("cat"))
        #expect(answer.contains(#""layer":"stem","dimensions":2,"embeddings":[{"id":"0","embedding":"AABAQAAAgMA="}]"#))
    }

    @Test("answers npy with a NumPy file of shape (images, dimensions)")
    func npy() async throws {
        let response = try await api.response(
            "POST /embed?encoding=npy&normalize=false", .form, body: form([jpeg("cat"), jpeg("dog")]))
        #expect(response.headerFields[.contentType] == "application/x-npy")
        #expect(response.headerFields[.serverTiming] == "decode;dur=1.9, queue;dur=0.1, compute;dur=5.2, total;dur=7.4")
        let (header, rows) = (response.body.prefix(128), response.body.dropFirst(128))
        #expect(header.starts(with: [0x93] + Array("NUMPY".utf8)))
        let description = String(decoding: header.dropFirst(10), as: UTF8.self)
        #expect(description.contains("'descr': '<f4'") && description.contains("'shape': (2, 2)"))
        #expect(Array(rows) == [0, 0, 0x40, 0x40, 0, 0, 0x80, 0xC0, 0, 0, 0x40, 0x40, 0, 0, 0x80, 0xC0])
    }

    @Test("fails as a whole in npy where one image fails, and names it")
    func npyWithFailure() async throws {
        let answer = try await api.answer("POST /embed?encoding=npy", .form, body: form([jpeg("cat"), jpeg("broken")]))
        #expect(
            answer == #"""
                422
                Content-Type: application/problem+json

                {"type":"/problems/images-failed","title":"Images of the request failed","status":422,\#
                "detail":"image 1 ('1.jpg') failed: the JPEG ends too early","errors":[{"id":"1","filename":"1.jpg",\#
                "error":{"type":"/problems/broken-image","title":"The image is damaged","status":422,\#
                "detail":"the JPEG ends too early"}}]}

                """#)
    }

    @Test(
        "refuses values it does not know, and lists those it does",
        arguments: [
            ("encoding=csv", 400, "'encoding' must be one of float, base64, npy; found 'csv'."),
            ("normalize=1", 400, "'normalize' must be true or false; found '1'."),
            ("layer=top", 404, "model 'lite' has no layer 'top'; GET /models/lite and 'martlet inspect' list them"),
            (
                "top_k=2", 400,
                "There is no parameter 'top_k'; this route takes model, version, timeout_ms, priority, layer, normalize, encoding."
            ),
        ])
    func parameters(_ query: String, _ status: Int, _ detail: String) async throws {
        let response = try await api.response("POST /embed?\(query)", body: jpeg("cat"))
        #expect(response.status.code == status)
        #expect(try jsonObject(response.body)["detail"] as? String == detail)
    }
}
