import Testing

@testable import MartletAPI

@Suite("Multipart forms")
struct MultipartParserTests {
    /// What `curl 7.88.1 -F image=@cat.jpg -F 'b=@we"ird\name.png'` sends, the photos cut to a few bytes.
    static let curl =
        Array(
            """
            --------------------------b8baa2fff36ef831\r
            Content-Disposition: form-data; name="image"; filename="cat.jpg"\r
            Content-Type: image/jpeg\r
            \r\n
            """.utf8)
        + [0xFF, 0xD8, 0xFF, 0x41, 0x42]
        + Array(
            #"""
            \#r
            --------------------------b8baa2fff36ef831\#r
            Content-Disposition: form-data; name="b"; filename="we%22ird\name.png"\#r
            Content-Type: image/png\#r
            \#r\#n
            """#.utf8)
        + [0x89] + Array("PNG\r\n--x\r\n--------------------------b8baa2fff36ef831--\r\n".utf8)
    static let curlBoundary = "------------------------b8baa2fff36ef831"

    private func parts(_ text: String, boundary: String = "B") throws -> [MultipartPart] {
        try MultipartParser(boundary: boundary).parts(of: Array(text.utf8))
    }

    @Test("are read as curl writes them")
    func curlForm() throws {
        let type = try #require(
            ParameterizedValue("multipart/form-data; boundary=\(Self.curlBoundary)".utf8))
        let parts = try MultipartParser(contentType: type).parts(of: Self.curl)
        #expect(parts.map(\.name) == ["image", "b"])
        #expect(parts.map(\.filename) == ["cat.jpg", #"we"ird\name.png"#])
        #expect(parts.map(\.mediaType) == ["image/jpeg", "image/png"])
        #expect(
            parts.map { Array($0.content) } == [[0xFF, 0xD8, 0xFF, 0x41, 0x42], [0x89] + Array("PNG\r\n--x".utf8)])
    }

    /// What Python's urllib3 2.7.0 sends for the file `naïve "x".jpg`.
    @Test("are read as urllib3 writes them")
    func urllib3Form() throws {
        let part = try #require(
            try parts(
                """
                --209fb581987f81cb79a5a55bab27a899\r
                Content-Disposition: form-data; name="image"; filename="naïve %22x%22.jpg"\r
                Content-Type: image/jpeg\r
                \r
                AB\r
                --209fb581987f81cb79a5a55bab27a899--\r\n
                """, boundary: "209fb581987f81cb79a5a55bab27a899"
            ).first)
        #expect(part.filename == "naïve \"x\".jpg" && Array(part.content) == Array("AB".utf8))
    }

    @Test(
        "have names in which quotes and line breaks are escaped as in HTML forms, and nothing else",
        arguments: [
            ("q%22x", "q\"x"), ("%22%22", "\"\""), ("a%0D%0Ab", "a\r\nb"), ("a%0Ab", "a\nb"), ("100%", "100%"),
            ("%2", "%2"), ("%25", "%25"), ("%2522", "%2522"), ("%%22", "%\""), ("%0a", "%0a"),
            ("é%22\u{301}", "é\"\u{301}"),
        ])
    func escapedNames(_ escaped: String, _ name: String) throws {
        let part = try parts(
            "--B\r\nContent-Disposition: form-data; name=\"\(escaped)\"; filename=\"\(escaped)\"\r\n\r\n\r\n--B--"
        ).first
        #expect(part.map { Array($0.name.utf8) } == Array(name.utf8))
        #expect(part.flatMap(\.filename).map { Array($0.utf8) } == Array(name.utf8))
    }

    @Test(
        "have names of UTF-8, which are not repaired: two could become one",
        arguments: [[0xFF], [0xC3], [0xED, 0xA0, 0x80]])
    func nameEncoding(_ name: [UInt8]) throws {
        let parser = try MultipartParser(boundary: "B")
        func body(_ disposition: String) -> [UInt8] {
            Array("--B\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n--B\r\n".utf8)
                + Array("Content-Disposition: form-data; \(disposition)=\"".utf8) + name
                + Array("\"\r\n\r\n\r\n--B--".utf8)
        }
        #expect(throws: MultipartError.nameEncoding(part: 1)) { try parser.parts(of: body("name")) }
        #expect(try parser.parts(of: body("name=b; filename")).last?.filename?.contains("\u{FFFD}") == true)
    }

    @Test("keep content that only resembles a boundary")
    func resemblance() throws {
        let content = "--B\r\r\n--\r\n--A\r\n--Bx\r\n --B\n--B--\r\r\n--B x\r\n-"
        let parts = try parts("--B\r\nContent-Disposition: form-data; name=a\r\n\r\n\(content)\r\n--B--")
        #expect(parts.map { String(decoding: $0.content, as: UTF8.self) } == [content])
    }

    @Test("may have a preamble, an epilogue, blanks after a boundary, and empty parts")
    func surroundings() throws {
        let parts = try parts(
            """
            ignored --B\r
            --B  \t\r
            Content-Disposition: form-data; name="a"\r
            \r
            \r
            --B\r
            content-disposition:FORM-DATA;name=b;\r
            \r
            \r\n\r
            --B--  \r
            ignored\r
            --B\r\n
            """)
        #expect(parts.map(\.name) == ["a", "b"])
        #expect(parts.map { Array($0.content) } == [[], [0x0D, 0x0A]])
    }

    @Test("may have no parts at all")
    func empty() throws {
        #expect(try parts("--B--").isEmpty)
    }

    @Test(
        "are refused, with the reason, where they are malformed",
        arguments: [
            ("", .noBoundaryFound),
            ("--C\r\n\r\n\r\n--C--", .noBoundaryFound),
            ("--B", .noBoundaryFound),
            ("--B\r\n", .missingFinalBoundary),
            ("--B\r\nContent-Disposition: form-data; name=a\r\n\r\nx", .missingFinalBoundary),
            ("--B\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--B-", .missingFinalBoundary),
            ("--B\r\n\r\nx\r\n--B--", .missingName(part: 0)),
            ("--B\r\nContent-Disposition: form-data\r\n\r\nx\r\n--B--", .missingName(part: 0)),
            ("--B\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--B--", .missingName(part: 0)),
            ("--B\r\nContent-Disposition: form-data; name=\"a\r\n\r\nx\r\n--B--", .missingName(part: 0)),
            ("--B\r\nContent-Disposition: form-data; name=a; name=b\r\n\r\nx\r\n--B--", .missingName(part: 0)),
            ("--B\r\nno colon\r\n\r\nx\r\n--B--", .malformedHeader("a line that is not 'Name: value'", part: 0)),
            ("--B\r\na: b\r\n c\r\n\r\nx\r\n--B--", .malformedHeader("a line that is not 'Name: value'", part: 0)),
            ("--B\r\na: b\r\nA: c\r\n\r\nx\r\n--B--", .malformedHeader("'a' twice", part: 0)),
            ("--B\r\na: b\rc\r\n\r\nx\r\n--B--", .malformedHeader("CR without LF", part: 0)),
            ("--B\r\na: b\nc: d\r\n\r\nx\r\n--B--", .malformedHeader("LF without CR", part: 0)),
            ("--B\r\na: \0\r\n\r\nx\r\n--B--", .malformedHeader("a NUL byte", part: 0)),
            (
                "--B\r\nContent-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: Base64\r\n\r\nx\r\n--B--",
                .transferEncoding("base64", part: 0)
            ),
        ] as [(String, MultipartError)])
    func malformed(_ body: String, _ error: MultipartError) {
        #expect(throws: error) { try parts(body) }
    }

    @Test("are refused where they pass a limit, and read where they just do not")
    func limits() throws {
        let part = "--B\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n"
        #expect(try parts(String(repeating: part, count: 256) + "--B--").count == 256)
        #expect(throws: MultipartError.tooManyParts(limit: 256)) {
            try parts(String(repeating: part, count: 257) + "--B--")
        }
        let disposition = "Content-Disposition: form-data; name=a\r\n"
        for (excess, fits) in [(0, true), (1, false)] {
            let padding = String(
                repeating: "x", count: 8192 - disposition.utf8.count - 2 - "p: \r\n".utf8.count + excess)
            let body = "--B\r\n\(disposition)p: \(padding)\r\n\r\n\r\n--B--"
            #expect(((try? parts(body)) != nil) == fits, "a header of \(8192 + excess) bytes")
        }
    }

    @Test(
        "have a boundary of 1 to 70 of the characters of RFC 2046",
        arguments: [
            ("a", true), ("0'()+_,-./:=? z", true), (String(repeating: "b", count: 70), true), ("", false),
            (String(repeating: "b", count: 71), false), ("a ", false), ("a\r\nb", false), ("é", false), ("a\"b", false),
        ])
    func boundary(_ boundary: String, _ isValid: Bool) {
        #expect(((try? MultipartParser(boundary: boundary)) != nil) == isValid)
    }
}
