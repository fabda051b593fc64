import Service
import TestSupport
import Testing

@testable import MartletAPI

@Suite("Images in hostile JSON")
struct JSONImagesTests {
    private func images(_ json: [UInt8]) throws -> [ImageInput] {
        try ImageRequestParser(imageLimit: 8).images(contentType: "application/json", body: json)
    }

    private func failure(_ json: String) -> Problem? {
        #expect(throws: Problem.self) { try images(Array(json.utf8)) }
    }

    @Test("are read through every escape: names, base64, ids")
    func escapes() throws {
        let json = ##"""
            {"\u0069mages": ["\/9j\/Y2F0", "\u002f9j\u002FY2F0", "data:image\/jpeg;base64,\/9j\/Y2F0",
            {"\u00626\u0034": "\/9j\/Y2F0", "id": "\ud83d\ude00", "filename": "a\/b"}]}
            """##
        let images = try images(Array(json.utf8))
        #expect(images.map(\.id) == ["0", "1", "2", "😀"] && images[3].filename == "a/b")
        for image in images { #expect(try image.content.get() == jpeg("cat")) }
    }

    @Test("beyond the limit are counted and checked, not kept")
    func counted() throws {
        for element in ["0", #""/9j/Y2F0""#, #"{"b64":"/9j/Y2F0","a":[{}]}"#] {
            let elements = Array(repeating: element, count: 100_000).joined(separator: ",")
            let message = try JSONImages(Array("{\"images\":[\(elements)]}".utf8), limit: 8)
            #expect(message.images.count == 8 && message.count == 100_000)
            #expect(throws: JSONError.self) { try JSONImages(Array("{\"images\":[\(elements),]}".utf8), limit: 8) }
        }
    }

    @Test("cost linear time, whatever there are many of")
    func linear() {
        let parts = [
            (#"{"images":["#, "0,", "0]}"), (#"{"#, #""key":0,"#, #""images":[]}"#),
            (#"{"images":[{"#, #""k":0,"#, #""k":0}]}"#), (#"{"images":[""#, #"\/"#, #""]}"#),
        ]
        for (start, middle, end) in parts {
            func bytesPerSecond(_ count: Int) -> Double {
                let json = Array((start + String(repeating: middle, count: count) + end).utf8)
                let times = (0..<3).map { _ in processorTime { _ = try? images(json) } }
                return Double(json.count) / ((times.min() ?? .zero) / .seconds(1))
            }
            let (short, long) = (bytesPerSecond(4_000), bytesPerSecond(128_000))
            #expect(long > short / 8, "\(middle): \(Int(short)) bytes a second at first, \(Int(long)) with more")
        }
    }

    @Test("are refused where a member is given twice, or an unknown one, whose name is cut")
    func members() throws {
        #expect(
            failure(#"{"images": ["/9j/"], "images": ["/9j/"]}"#)?.detail.hasPrefix("'images' is given twice.") == true)
        let long = failure(#"{"images": ["/9j/"], "\#(String(repeating: "x", count: 100_000))": 1, "y": 2}"#)
        #expect(long?.type == .unknownParameter && (long?.detail.utf8.count ?? 0) < 400)
        let twice = try images(Array(#"{"images": [{"b64": "/9j/", "b64": "/9j/"}, "/9j/"]}"#.utf8))
        #expect(twice[0].content == .failure(ImageFailure(.malformed, "'b64' is given twice")))
        #expect(try twice[1].content.get() == [0xFF, 0xD8, 0xFF])
    }

    @Test("are refused with the place where the text stops being JSON")
    func place() {
        #expect(
            failure(#"{"images": ["/9j/" "/9j/"]}"#)?.detail
                == #"The body is not valid JSON (at byte 19, expected ',' or ']'). "#
                + #"Expected {"images": ["<base64>", {"b64": "<base64>", "id": "…"}]}."#)
        #expect(failure(#"{"images": ["\#u{9}"]}"#)?.type == .malformedRequest)
        for json in [#"{"images": [{"a":"#, #"{"a":"#] {
            #expect(
                failure(json + String(repeating: "[", count: 1_000_000))?.detail.contains("levels of nesting") == true)
        }
    }
}
