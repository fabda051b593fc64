import Testing

@testable import MartletAPI

struct LabelledUploadHostileTests {
    private let parser = LabelledUploadParser(imageLimit: 10, unpackedLimit: 1 << 20)

    private func upload(_ type: String?, _ body: some Sequence<UInt8>) throws(Problem) -> LabelledUpload {
        try parser.upload(contentType: type, body: Array(body), label: nil)
    }

    private let form: [UInt8] =
        Array("--X\r\nContent-Disposition: form-data; name=\"road\"; filename=\"r.jpg\"\r\n\r\n".utf8) + jpeg("1")
        + Array("\r\n--X\r\nContent-Disposition: form-data; name=\"l2\"\r\n\r\n0.5\r\n--X--".utf8)
    private let json = Array(
        #"{"images": [{"label": "\u00e9", "b64": "/9j/MQ==", "filename": null}], "l2": 1e-3, "seed": 7, "x": [{}]}"#
            .utf8)

    @Test func `Forms and JSON are refused when cut at any byte`() {
        for (type, body) in [("multipart/form-data; boundary=X", form), ("application/json", json)] {
            for count in 0..<body.count {
                #expect(throws: Problem.self, "\(type) of \(count) bytes") { try upload(type, body.prefix(count)) }
            }
            #expect(throws: Never.self) { try upload(type, body) }
        }
    }

    @Test(arguments: ["photos.zip", "photos.tar", "photos.tar.gz"])
    func `Archives that are cut or damaged never give a part of an image, nor a crash`(name: String) throws {
        let body = try LabelledUploadTests.fixture(name)
        let whole = Set(try upload(nil, body).images.map { [$0.label] + $0.bytes.map { "\($0)" } })
        for count in stride(from: 0, to: body.count, by: max(1, body.count / 1500)) {
            for image in (try? upload(nil, body.prefix(count)))?.images ?? [] {
                #expect(whole.contains([image.label] + image.bytes.map { "\($0)" }), "\(count) bytes")
            }
        }
        for index in stride(from: 0, to: body.count, by: max(1, body.count / 1500)) {
            var damaged = body
            damaged[index] ^= 0x55
            _ = try? upload(nil, damaged)
        }
    }

    /// 579 bytes once took a server ten seconds, and others waited behind them.
    @Test(arguments: ["hidden-bomb.zip", "hidden-bomb-streamed.zip", "hidden-bomb.tar.gz"])
    func `What an archive hides is not unpacked beyond the limit, nor for a client that has left`(name: String) throws {
        let body = try LabelledUploadTests.fixture(name)
        let large = #expect(throws: Problem.self) { try upload(nil, body) }
        #expect(large?.type == .contentTooLarge && (large?.detail ?? "").contains("1048576 bytes"))
        var checks = 0
        let left = #expect(throws: Problem.self) {
            try parser.upload(contentType: nil, body: body, label: nil) { () throws(Problem) in
                checks += 1
                if checks == 5 { throw Problem(.requestTimeout, "left") }
            }
        }
        #expect(left?.type == .requestTimeout && checks == 5)
    }

    @Test(arguments: 0..<4 as Range<UInt64>) func `Bytes changed at random never crash`(seed: UInt64) {
        var random = SplitMix64(state: seed)
        for (type, body) in [("multipart/form-data; boundary=X", form), ("application/json", json)] {
            for _ in 0..<500 {
                var body = body
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    body[Int.random(in: 0..<body.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
                }
                if let upload = try? upload(type, body) { #expect(upload.images.count <= 2) }
            }
        }
    }

    @Test func `No message repeats a long name whole`() {
        let long = String(repeating: "n", count: 100_000)
        let requests: [(String?, String)] = [
            ("application/json", #"{"images": [{"\#(long)": 1}]}"#),
            ("application/json", #"{"images": 1, "\#(long)": 1}"#),
            ("multipart/\(long)", "x"), ("\(long);;x", "x"),
            ("multipart/form-data; boundary=X", "--X\r\nContent-Disposition: form-data; name=\(long)\r\n\r\n\r\n--X--"),
            (
                "multipart/form-data; boundary=X",
                "--X\r\nContent-Disposition: form-data; name=\(long.prefix(8000))\r\n\r\n\u{0}\u{80}"
                    + String(repeating: "x", count: 2000) + "\r\n--X--"
            ),
        ]
        for (type, body) in requests {
            let problem = #expect(throws: Problem.self) { try upload(type, body.utf8) }
            #expect((problem?.json.count ?? .max) < 1000, "\(problem?.type.rawValue ?? "")")
        }
    }
}
