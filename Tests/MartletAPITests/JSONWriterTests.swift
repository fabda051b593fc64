import Foundation
import Testing

@testable import MartletAPI

@Suite("JSON text")
struct JSONWriterTests {
    @Test("gives every float32 back bit for bit when read by Foundation")
    func floats() throws {
        var random = SplitMix64(state: 1)
        var values: [Float] = [
            0, -0.0, 1, -1, 0.1, 1e-5, 1e16, 16_777_216, .greatestFiniteMagnitude, .leastNormalMagnitude,
            .leastNonzeroMagnitude, -.leastNonzeroMagnitude, .pi,
        ]
        while values.count < 20_000 {
            let value = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
            if value.isFinite { values.append(value) }
        }
        let text = JSONWriter.text { $0.numbers(values) }
        let read = try #require(JSONSerialization.jsonObject(with: Data(text)) as? [NSNumber])
        #expect(read.count == values.count)
        for (written, read) in zip(values, read) where Float(read.doubleValue).bitPattern != written.bitPattern {
            // Foundation reads the integer-like "-0.0" as it likes; zero is zero.
            #expect(written == 0 && read == 0, "\(written) came back as \(read)")
        }
    }

    @Test("uses no more digits than a float32 needs")
    func shortest() {
        let text = JSONWriter.text { $0.numbers([0.1, 0.61, 1 / 3, 100, 3e-9]) }
        #expect(String(decoding: text, as: UTF8.self) == "[0.1,0.61,0.33333334,100.0,3e-09]")
    }

    @Test("has null for what JSON has no number for")
    func notFinite() {
        let text = JSONWriter.text { $0.numbers([.nan, .infinity, -.infinity, 1]) }
        #expect(String(decoding: text, as: UTF8.self) == "[null,null,null,1.0]")
    }

    @Test("escapes what RFC 8259 §7 says and nothing else")
    func escapes() throws {
        let text = JSONWriter.text { $0.string("a\"b\\c/d\n\r\t\u{0}\u{8}\u{1F}\u{7F}é茶🐦") }
        #expect(
            String(decoding: text, as: UTF8.self)
                == #""a\"b\\c/d\n\r\t\u0000\u0008\u001f"# + "\u{7F}é茶🐦\"")
    }

    @Test("gives every character back when read by Foundation")
    func strings() throws {
        let scalars =
            (0...0x2FF).compactMap(Unicode.Scalar.init)
            + [0x2028, 0x2029, 0xFFFD, 0x10FFFF].compactMap(Unicode.Scalar.init)
        let string = String(String.UnicodeScalarView(scalars))
        let text = JSONWriter.text { writer in writer.array { $0.string(string) } }
        let read = try #require(JSONSerialization.jsonObject(with: Data(text)) as? [String])
        #expect(read == [string])
    }

    @Test("has commas between values and nowhere else, however they are nested")
    func nesting() {
        let text = JSONWriter.text { writer in
            writer.array { writer in
                writer.object { _ in }
                writer.array { _ in }
                writer.object { writer in
                    writer.member("a", 1)
                    writer.name("b")
                    writer.array { writer in
                        writer.null()
                        writer.bool(true)
                    }
                    writer.name("c")
                    writer.object { $0.member("d", ["e", "f"]) }
                    writer.member("g", [1, 2])
                }
                writer.integer(-1)
            }
        }
        #expect(
            String(decoding: text, as: UTF8.self)
                == #"[{},[],{"a":1,"b":[null,true],"c":{"d":["e","f"]},"g":[1,2]},-1]"#)
    }
}
