import Foundation
import Service
import Testing

@testable import MartletAPI

@Suite("Images in a request")
struct ImageRequestParserTests {
    private func images(_ type: String?, _ body: [UInt8], limit: Int = 8) throws -> [ImageInput] {
        try ImageRequestParser(imageLimit: limit).images(contentType: type, body: body)
    }

    private func images(json: String) throws -> [ImageInput] { try images("application/json", Array(json.utf8)) }

    @Test(
        "may be a raw file of any name",
        arguments: [nil, "image/jpeg", "application/octet-stream", "application/x-www-form-urlencoded", "a/b"])
    func raw(_ type: String?) throws {
        let image = try #require(try images(type, jpeg("cat")).first)
        #expect(image.id == "0" && image.filename == nil)
        #expect(try image.content.get() == jpeg("cat"))
    }

    @Test("may be parts of a form, with or without file names")
    func form() throws {
        let body =
            Array("--X\r\nContent-Disposition: form-data; name=\"_charset_\"\r\n\r\nutf-8\r\n".utf8)
            + Array("--X\r\nContent-Disposition: form-data; name=\"a\"; filename=\"a b.txt\"\r\n\r\ntext\r\n".utf8)
            + Array("--X\r\nContent-Disposition: form-data; name=\"b\"\r\n\r\n".utf8) + jpeg("b")
            + Array(
                "\r\n--X\r\nContent-Disposition: form-data; name=\"c\"\r\nContent-Type: image/png\r\n\r\nc\r\n".utf8)
            + Array("--X\r\nContent-Disposition: form-data; name=\"d\"; filename=\"\"\r\n\r\n\r\n".utf8)
            + Array("--X\r\nContent-Disposition: form-data; name=\"e\"; filename=\"e.jpg\"\r\n\r\n\r\n--X--".utf8)
        let images = try images("multipart/form-data; boundary=X", body)
        #expect(images.map(\.id) == ["0", "1", "2", "3"])
        #expect(images.map(\.filename) == ["a b.txt", nil, nil, "e.jpg"])
        #expect(try images[0].content.get() == Array("text".utf8))
        #expect(try images[1].content.get() == jpeg("b"))
        #expect(try images[2].content.get() == Array("c".utf8))
        #expect(images[3].content == .failure(ImageFailure(.malformed, "the file is empty")))
    }

    @Test("leave no room for other fields of a form: parameters go into the query")
    func field() {
        let body = "--X\r\nContent-Disposition: form-data; name=\"top_k\"\r\n\r\n3\r\n--X--"
        let error = #expect(throws: Problem.self) { try images("multipart/form-data; boundary=X", Array(body.utf8)) }
        #expect(
            error?.detail == "The form field 'top_k' holds no image. Parameters go into the query: ?top_k=…")
    }

    @Test("may be base64 in JSON: a string, a data: URL of whatever type, or an object")
    func json() throws {
        let images = try images(
            json: """
                {"images": ["\\/9j\\/Y2F0", "data:image/jpeg;base64,/9j/Y2F0", "data:;base64,/9j/Y2F0",
                {"b64": "/9j/Y2F0", "id": "left", "filename": "cat.jpg"}, {"b64": "/9j/Y2F0", "id": null}]}
                """)
        #expect(images.map(\.id) == ["0", "1", "2", "left", "4"])
        #expect(images.map(\.filename) == [nil, nil, nil, "cat.jpg", nil])
        for image in images { #expect(try image.content.get() == jpeg("cat")) }
    }

    @Test("may be JSON that curl -d calls a form")
    func curlJSON() throws {
        let body = Array(#"{"images": ["/9j/Y2F0"]}"#.utf8)
        for type in [nil, "application/x-www-form-urlencoded", "application/json; charset=utf-8", "Application/JSON"] {
            #expect(try images(type, body).map { try $0.content.get() } == [jpeg("cat")], "\(type ?? "no type")")
        }
    }

    @Test(
        "fail one by one where JSON does not hold their bytes",
        arguments: [
            (#""http://example.org/cat.jpg""#, "URLs are not fetched; send the image's bytes as base64"),
            (#""https://example.org/cat.jpg""#, "URLs are not fetched; send the image's bytes as base64"),
            (#"{"url": "http://example.org/cat.jpg"}"#, "URLs are not fetched; send the image's bytes as base64"),
            (#""/9j/Y2F""#, "not base64 (RFC 4648 §4: with padding, without line breaks; base64 -w0)"),
            (#""/9j/\nY2F0""#, "not base64 (RFC 4648 §4: with padding, without line breaks; base64 -w0)"),
            (#""_9j_Y2F0""#, "not base64 (RFC 4648 §4: with padding, without line breaks; base64 -w0)"),
            (#""/9j/Y2F0=""#, "not base64 (RFC 4648 §4: with padding, without line breaks; base64 -w0)"),
            (#""data:image/jpeg,abc""#, "expected a data URL as 'data:image/jpeg;base64,…'"),
            (#""data:""#, "expected a data URL as 'data:image/jpeg;base64,…'"),
            (#""""#, "the image is empty"), ("7", "expected a base64 string or an object with 'b64'"),
            ("null", "expected a base64 string or an object with 'b64'"),
            ("[]", "expected a base64 string or an object with 'b64'"),
            ("{}", "expected 'b64' with the image as a base64 string"),
            (#"{"b64": 7}"#, "expected 'b64' with the image as a base64 string"),
            (#"{"b64": "/9j/Y2F0", "id": 7}"#, "'id' must be a string"),
            (#"{"b64": "/9j/Y2F0", "size": 7}"#, "unknown member 'size'; expected b64, id, filename"),
        ])
    func badElement(_ element: String, _ reason: String) throws {
        let images = try images(json: #"{"images": ["/9j/Y2F0", \#(element)]}"#)
        #expect(images.count == 2)
        #expect(try images[0].content.get() == jpeg("cat"))
        #expect(images[1].content == .failure(ImageFailure(.malformed, reason)))
    }

    @Test(
        "are refused as a whole where the JSON is not what it should be",
        arguments: [
            ("{", .malformedRequest), ("[]", .malformedRequest), ("7", .malformedRequest), ("{}", .malformedRequest),
            (#"{"images": "/9j/"}"#, .malformedRequest), (#"{"images": null}"#, .malformedRequest),
            (#"{"images": []}"#, .noImage), (#"{"images": ["/9j/"], "top_k": 3}"#, .unknownParameter),
            (#"{"images": ["/9j/" "/9j/"]}"#, .malformedRequest), (#"{"images": ["/9j/"]} x"#, .malformedRequest),
            (String(repeating: "[", count: 100_000), .malformedRequest),
            (#"{"images": ["# + Array(repeating: "0", count: 9).joined(separator: ",") + "]}", .tooManyImages),
        ] as [(String, ProblemType)])
    func badDocument(_ json: String, _ type: ProblemType) {
        let error = #expect(throws: Problem.self) { try images(json: json) }
        #expect(error?.type == type, "\(error?.detail ?? "no error")")
    }

    @Test(
        "are refused as a whole where the media type cannot be understood",
        arguments: [
            ("multipart/form-data", ProblemType.malformedRequest),
            ("multipart/form-data; boundary=", .malformedRequest),
            ("multipart/mixed; boundary=X", .unsupportedMediaType), ("image/jpeg; a=\"", .malformedRequest),
        ])
    func badMediaType(_ type: String, _ problem: ProblemType) {
        let error = #expect(throws: Problem.self) { try images(type, Array("--X--".utf8)) }
        #expect(error?.type == problem, "\(error?.detail ?? "no error")")
    }

    @Test("are found or refused in JSON cut at any byte or changed at random, without a crash")
    func hostileJSON() {
        let json = Array(
            ##"{"images": ["/9j/Y2F0", {"b64": "data:;base64,/9j/", "id": "\u00e9", "filename": null}, 1e5, [[]]]}"##
                .utf8)
        for length in 0..<json.count {
            #expect(throws: Problem.self, "cut to \(length) bytes") {
                try images("application/json", Array(json.prefix(length)))
            }
        }
        var random = SplitMix64(state: 7)
        for _ in 0..<3000 {
            var json = json
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                json[Int.random(in: 0..<json.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if let images = try? images("application/json", json) { #expect(images.count <= 8) }
        }
    }
}
