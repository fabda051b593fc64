import Foundation
import Testing

@testable import MartletAPI

struct LabelledUploadTests {
    private func upload(
        _ type: String?, _ body: [UInt8], label: String? = nil, imageLimit: Int = 10, unpackedLimit: Int = 1 << 20
    ) throws -> LabelledUpload {
        try LabelledUploadParser(imageLimit: imageLimit, unpackedLimit: unpackedLimit)
            .upload(contentType: type, body: body, label: label)
    }

    private func shown(_ upload: LabelledUpload) -> [String] {
        upload.images.map {
            "\($0.label)/\($0.filename ?? "-") \(String(decoding: $0.bytes.filter { $0 < 0x80 }, as: UTF8.self))"
        }
    }

    private func problem(_ attempt: () throws -> LabelledUpload) -> Problem? {
        #expect(throws: Problem.self) { try attempt() }
    }

    private func part(_ disposition: String, _ content: [UInt8]) -> [UInt8] {
        Array("--X\r\nContent-Disposition: form-data; \(disposition)\r\n\r\n".utf8) + content + Array("\r\n".utf8)
    }

    private func form(_ parts: [UInt8]...) -> [UInt8] { parts.flatMap { $0 } + Array("--X--\r\n".utf8) }

    private let formType = "multipart/form-data; boundary=X"

    // MARK: Forms

    @Test func `The names of a form's files are labels, its other fields are options`() throws {
        let body = form(
            part("name=road; filename=\"r1.jpg\"", jpeg("1")), part("name=l2", Array("0.5".utf8)),
            part("name=road", jpeg("2")), part("name=\"mountain hut\"; filename=m.png", [0x89] + Array("PNG".utf8)),
            part("name=seed", []), part("name=head", Array("BMX".utf8)),
            part("name=_charset_", Array("utf-8".utf8)), part("name=photos; filename=\"\"", []))
        let upload = try upload(formType, body)
        #expect(shown(upload) == ["road/r1.jpg 1", "road/- 2", "mountain hut/m.png PNG"])
        #expect(
            upload.options == [
                JobOption(name: "l2", value: .text("0.5")), JobOption(name: "seed", value: .text("")),
                JobOption(name: "head", value: .text("BMX")),
            ])
    }

    @Test func `The query's label is that of all images`() throws {
        let body = form(part("name=image; filename=1.jpg", jpeg("1")), part("name=image", jpeg("2")))
        #expect(shown(try upload(formType, body, label: "road")) == ["road/1.jpg 1", "road/- 2"])
        #expect(shown(try upload(nil, jpeg("1"), label: "road")) == ["road/- 1"])
        let json = #"{"images": ["/9j/MQ==", {"b64": "/9j/MQ==", "label": "x", "filename": "a"}]}"#
        #expect(
            shown(try upload("application/json", Array(json.utf8), label: "road")) == ["road/- 1", "road/a 1"])
    }

    @Test func `An image without a label is refused`() throws {
        #expect(problem { try upload("image/jpeg", jpeg("1")) }?.type == .missingLabel)
        let json = Array(#"{"images": [{"b64": "/9j/MQ==", "label": "x"}, "/9j/MQ=="]}"#.utf8)
        let problem = problem { try upload("application/json", json) }
        #expect(problem?.type == .missingLabel && problem?.detail.hasPrefix("images[1] ") == true)
    }

    @Test func `A form may have as many images as the limit, and no more`() throws {
        let road = part("name=road", jpeg("1"))
        #expect(try upload(formType, form(road, road), imageLimit: 2).images.count == 2)
        #expect(problem { try upload(formType, form(road, road, road), imageLimit: 2) }?.type == .tooManyImages)
        let thousands = Array(repeating: road, count: 10_000).flatMap { $0 } + Array("--X--\r\n".utf8)
        #expect(try upload(formType, thousands, imageLimit: 10_000).images.count == 10_000)
    }

    @Test(arguments: [
        (1024, ProblemType?.none), (1025, .malformedRequest),
    ]) func `An option is short text`(count: Int, type: ProblemType?) {
        let body = form(part("name=head", Array(repeating: UInt8(ascii: "a"), count: count)))
        let found: ProblemType?
        do { found = try upload(formType, body).options.count == 1 ? nil : .internalError } catch {
            found = (error as? Problem)?.type
        }
        #expect(found == type)
    }

    @Test func `Options are few, and text`() {
        let many = Array(repeating: part("name=a", Array("1".utf8)), count: 65).flatMap { $0 }
        #expect(problem { try upload(formType, form(many)) }?.type == .malformedRequest)
        #expect(problem { try upload(formType, form(part("name=a", [0x80]))) }?.type == .malformedRequest)
        let json = "{" + (0...64).map { "\"a\($0)\": 1" }.joined(separator: ",") + "}"
        #expect(problem { try upload("application/json", Array(json.utf8)) }?.type == .malformedRequest)
    }

    @Test func `Of an archive's files that are skipped some are named and all are counted`() throws {
        let text = (String(repeating: "n", count: 90), Array("text".utf8))
        let archive = tarArchive(Array(repeating: text, count: 150) + [("b/1.jpg", jpeg("1"))])
        let upload = try upload(nil, archive, imageLimit: 200)
        #expect(upload.skippedCount == 150 && upload.skipped.count == 100 && upload.images.count == 1)
        #expect(upload.skipped.allSatisfy { $0.count == 81 })
    }

    @Test(arguments: [
        ("GIF89a", "found GIF;"), ("text", "found text;"), ("", "the image is empty"), ("BM000", "found BMP;"),
    ])
    func `A form's file that is no image is refused by its name`(content: String, detail: String) {
        let body = form(
            part("name=road; filename=a.jpg", jpeg("1")), part("name=hut; filename=\"b.jpg\"", Array(content.utf8)))
        let problem = problem { try upload(formType, body) }
        #expect(problem?.type == .unsupportedImage && problem?.detail.contains(detail) == true)
        #expect(problem?.detail.hasPrefix("'b.jpg' of the form's part 'hut': ") == true, "\(problem?.detail ?? "")")
    }

    @Test func `Bytes of the body are not copied`() throws {
        let body = form(part("name=road", jpeg("1")), part("name=road", jpeg("2")))
        for image in try upload(formType, body).images {
            #expect(image.bytes.startIndex > 0 && body[image.bytes.indices] == image.bytes)
        }
    }

    // MARK: Archives

    static func fixture(_ name: String) throws -> [UInt8] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return [UInt8](try Data(contentsOf: folder.appending(path: "Fixtures/archives/\(name)")))
    }

    @Test(arguments: ["photos.zip", "photos.tar", "photos.tar.gz"])
    func `The folder that a file lies in is its label`(name: String) throws {
        let upload = try upload("application/x-www-form-urlencoded", Self.fixture(name))
        #expect(
            shown(upload) == [
                "cats/photos/cats/a.jpg a", "dogs/photos/dogs/b.png PNGb",
                "gepardén/photos/wild/gepardén/c.webp RIFF0000WEBPc",
            ])
        #expect(upload.skipped == ["README.md", "photos/dogs/notes.txt", "photos/dogs/more.zip"])
        #expect(upload.options == [])
    }

    @Test func `A file in no folder needs a label`() throws {
        let problem = problem { try upload(nil, Self.fixture("flat.zip")) }
        #expect(problem?.type == .missingLabel && problem?.detail.hasPrefix("'a.jpg' ") == true)
        #expect(shown(try upload(nil, Self.fixture("flat.zip"), label: "cats")) == ["cats/a.jpg a"])
    }

    @Test(
        arguments: [
            ("encrypted.zip", .unreadableArchive, "'notes.txt' is encrypted; send the archive without a password."),
            ("bomb.zip", .contentTooLarge, "the archive is longer than 1048576 bytes when unpacked."),
            (
                "path-1.tar.gz", .unreadableArchive,
                "the path 'road/../../a.jpg' is refused: expected a relative one of UTF-8 text without '..'."
            ),
        ] as [(String, ProblemType, String)])
    func `An archive that cannot be taken is refused with the reason`(
        name: String, type: ProblemType, detail: String
    ) throws {
        let body = try Self.fixture(name)
        let problem = problem { try upload(nil, body) }
        #expect(problem?.type == type && problem?.detail == detail)
    }

    @Test func `An archive may have as many images as the limit, and no more`() throws {
        let body = try Self.fixture("photos.zip")
        #expect(try upload(nil, body, imageLimit: 3).images.count == 3)
        #expect(problem { try upload(nil, body, imageLimit: 2) }?.type == .tooManyImages)
    }

    // MARK: JSON

    @Test func `JSON has images with labels, and options beside them`() throws {
        let json = """
            {"head": "bikes", "images": [{"label": "road", "b64": "/9j/MQ==", "filename": "r1.jpg"},
            {"b64": "data:image/jpeg;base64,/9j/Mg==", "label": "\\u00e9"}],
            "l2": null, "seed": 18446744073709551615, "promote": false, "model": {"a": [1]}, "validation": [0.2]}
            """
        let upload = try upload("application/json", Array(json.utf8))
        #expect(shown(upload) == ["road/r1.jpg 1", "é/- 2"])
        #expect(upload.options.map(\.name) == ["head", "l2", "seed", "promote", "model", "validation"])
        let values = upload.options.map(\.value)
        #expect(values[0] == .json(.string("bikes")) && values[1] == .json(.null) && values[3] == .json(.bool(false)))
        #expect(values[4] == .json(.object) && values[5] == .json(.array))
    }

    @Test(
        arguments: [
            ("[]", .malformedRequest), ("{", .malformedRequest), (#"{"images": 7}"#, .malformedRequest),
            (#"{"images": [], "images": []}"#, .malformedRequest),
            (#"{"images": [{"b64": "dGV4dA==", "label": "x"}]}"#, .unsupportedImage),
            (#"{"images": [{"label": "a"}]}"#, .unreadableImage),
            (#"{"images": [{"label": "a", "b64": "?"}]}"#, .unreadableImage),
            (#"{"images": [{"label": 7, "b64": "/9j/MQ=="}]}"#, .unreadableImage),
            (#"{"images": [{"label": "a", "label": "b", "b64": "/9j/MQ=="}]}"#, .unreadableImage),
            (#"{"images": [{"id": "a", "b64": "/9j/MQ=="}]}"#, .unreadableImage),
            (#"{"images": [{"url": "http://a/b.jpg"}]}"#, .unreadableImage),
            (#"{"images": ["# + Array(repeating: "0", count: 11).joined(separator: ",") + "]}", .tooManyImages),
        ] as [(String, ProblemType)])
    func `JSON that is not as it should be is refused`(json: String, type: ProblemType) {
        let problem = problem { try upload("application/json", Array(json.utf8)) }
        #expect(problem?.type == type, "\(problem?.detail ?? "")")
    }

    // MARK: Bodies that are something else

    @Test(
        arguments: [
            ("image/jpeg", "", .noImage), (nil, "text", .unsupportedImage), ("text/csv", "a,b", .unsupportedImage),
            ("multipart/mixed; boundary=X", "--X--", .unsupportedMediaType),
            ("multipart/form-data", "--X--", .malformedRequest), ("a;b", "text", .malformedRequest),
        ] as [(String?, String, ProblemType)])
    func `What holds no images is refused`(type: String?, body: String, expected: ProblemType) {
        #expect(problem { try upload(type, Array(body.utf8), label: "a") }?.type == expected)
    }

    @Test func `An upload without images says what there was`() throws {
        let upload = try upload(nil, tarArchive([("a/notes.txt", Array("text".utf8))]))
        let problem = #expect(throws: Problem.self) { try LabelledUploadParser.check(upload) }
        #expect(problem?.type == .noImage && problem?.detail.contains("'a/notes.txt'") == true)
    }
}
