import Foundation
import Testing

@testable import MartletAPI

@Suite("Reading JSON")
struct JSONReaderTests {
    private func accepts(_ bytes: [UInt8]) -> Bool {
        var reader = JSONReader(bytes)
        do throws(JSONError) {
            try reader.skip()
            try reader.end()
            return true
        } catch {
            return false
        }
    }

    private func text(_ json: String) throws -> String {
        var reader = JSONReader(Array(json.utf8))
        return reader.text(of: try reader.string())
    }

    @Test(
        "takes what RFC 8259 allows",
        arguments: [
            "0", "-0", "1.5e-3", "1E+5", "true", "false", "null", #""""#, "[]", "{}", " [ 1 , 2 ] ", "\u{FEFF}[]",
            #"{"a":{"b":[{}]},"a":1}"#, #""\"\\\/\b\f\n\r\t\u0041\uD83D\uDE00é茶😀""#, "[[],{}]", "\t\r\n7\n",
        ])
    func valid(_ json: String) { #expect(accepts(Array(json.utf8))) }

    @Test(
        "refuses what it does not allow",
        arguments: [
            "", " ", "01", "+1", "1.", ".5", "1e", "-", "tru", "nul", "True", "[1,]", "[,1]", "[1 2]", "[", "]", "{",
            "{]", "[}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{,}"#, "{1:2}", #"{"a" 1}"#, #"""#, #""\""#, #""\x""#,
            #""\u12""#, #""\u123g""#, #""\uD800""#, #""\uDC00""#, #""\uD800\u0041""#, #""\uD800x""#, "\"\n\"", "'a'",
            "1 2", "[]x", "NaN", "\u{FEFF}", "[\u{0}]",
        ])
    func invalid(_ json: String) { #expect(!accepts(Array(json.utf8))) }

    @Test(
        "refuses strings that are not UTF-8 (Unicode table 3-7)",
        arguments: [
            [0x80], [0xC0, 0x80], [0xC3], [0xC3, 0x28], [0xE0, 0x80, 0x80], [0xE2, 0x82], [0xED, 0xA0, 0x80],
            [0xF0, 0x80, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF],
        ] as [[UInt8]])
    func notUTF8(_ bytes: [UInt8]) {
        #expect(String(validating: bytes, as: UTF8.self) == nil)
        #expect(!accepts([.quote] + bytes + [.quote]))
    }

    @Test("resolves escapes, surrogate pairs and zeros among them")
    func escapes() throws {
        #expect(try text(#""a\"\\\/\b\f\n\r\tz""#) == "a\"\\/\u{8}\u{C}\n\r\tz")
        #expect(try text(#""\u0000\u00e9\u8336\ud83d\uDE00!""#) == "\u{0}é茶😀!")
    }

    @Test("takes 64 levels of nesting and no more, however many there are")
    func nesting() {
        for (open, close) in [("[", "]"), (#"{"a":"#, "}")] {
            func nested(_ depth: Int) -> [UInt8] {
                Array((String(repeating: open, count: depth) + "0" + String(repeating: close, count: depth)).utf8)
            }
            #expect(accepts(nested(64)) && !accepts(nested(65)) && !accepts(nested(1_000_000)))
        }
        #expect(accepts(Array("[\(Array(repeating: "[[0]]", count: 100).joined(separator: ","))]".utf8)))
    }

    @Test("agrees with Foundation about text that was changed at random")
    func changed() {
        let json = Array(##"{"a": [-1.5e+3, true, null, "\u00e9\"x\/é", {"b": {}, "c": []}], "d": false}"##.utf8)
        var random = SplitMix64(state: 11)
        var accepted = 0
        let alphabet = Array("{}[]:,\"\\ue019.-+ tfn\u{e9}".utf8)
        for _ in 0..<20_000 {
            var json = json
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                json[Int.random(in: 0..<json.count, using: &random)] =
                    alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
            }
            let expected = (try? JSONSerialization.jsonObject(with: Data(json), options: .fragmentsAllowed)) != nil
            #expect(accepts(json) == expected, "\(String(decoding: json, as: UTF8.self))")
            accepted += expected ? 1 : 0
        }
        #expect(accepted > 500 && accepted < 19_500, "\(accepted)")
    }
}

@Suite("Base64")
struct Base64Tests {
    @Test("is read as Foundation writes it, at any length")
    func anyLength() {
        var random = SplitMix64(state: 5)
        for count in 0..<200 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            let text = Array(Data(bytes).base64EncodedString().utf8)
            #expect(base64Decoded(text[...]) == bytes)
            #expect(base64Decoded(([0, 0, 0] + text + [0]).dropFirst(3).dropLast()) == bytes)
        }
    }

    @Test(
        "is refused where it is something else",
        arguments: ["a", "ab", "abc", "abcde", "a===", "====", "ab=c", "=abc", "ab==abcd", "abc=abcd", "ab\n=", "ab-_"])
    func notBase64(_ text: String) { #expect(base64Decoded(Array(text.utf8)[...]) == nil) }
}
