import TestSupport
import Testing

@testable import MartletAPI

@Suite("Hostile multipart forms")
struct MultipartParserHostileTests {
    let parser: MultipartParser
    let body = MultipartParserTests.curl

    init() throws { parser = try MultipartParser(boundary: MultipartParserTests.curlBoundary) }

    @Test("are refused when cut at any byte before the end of the final boundary")
    func truncation() throws {
        for length in 0..<body.count - 2 {
            #expect(throws: MultipartError.self, "cut to \(length) of \(body.count) bytes") {
                try parser.parts(of: Array(body.prefix(length)))
            }
        }
        #expect(try parser.parts(of: body.dropLast(2)).count == 2)
    }

    @Test("never crash, and never give content that the body does not have", arguments: 0..<20)
    func mutations(_ seed: UInt64) {
        var random = SplitMix64(state: seed)
        for _ in 0..<250 {
            var body = body
            for _ in 0..<Int.random(in: 1...8, using: &random) { mutate(&body, &random) }
            guard let parts = try? parser.parts(of: body) else { continue }
            let total = parts.reduce(0) { $0 + $1.content.count }
            #expect(total <= body.count && parts.allSatisfy { $0.content.endIndex <= body.count })
        }
    }

    private func mutate(_ body: inout [UInt8], _ random: inout SplitMix64) {
        let position = Int.random(in: 0..<body.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: body[position] = UInt8.random(in: 0...255, using: &random)
        case 1: body[position] = [0x0D, 0x0A, 0x2D, 0x22, 0x3B, 0x3D][Int.random(in: 0..<6, using: &random)]
        case 2: body.remove(at: position)
        default:
            let length = min(Int.random(in: 1...40, using: &random), body.count - position)
            body.insert(contentsOf: body[position..<position + length], at: position)
        }
    }

    /// Bodies made of the longest false starts. If a byte were looked at again for each, time would grow with the
    /// square: 64 times for 8 times the length.
    @Test(
        "take time in proportion to their length",
        arguments: [
            "\r\n--" + String(repeating: "B", count: 69), "\r", "\r\n",
            "\r\n--" + String(repeating: "B", count: 70) + " ",
        ])
    func linearTime(_ unit: String) throws {
        let parser = try MultipartParser(boundary: String(repeating: "B", count: 70))
        func time(_ length: Int) -> Duration {
            let body = Array(String(repeating: unit, count: length / unit.utf8.count).utf8)
            return (0..<3).map { _ in processorTime { _ = try? parser.parts(of: body) } }.min() ?? .zero
        }
        let ratio = time(800_000) / time(100_000)
        #expect(ratio < 24, "8 times the length took \(ratio) times as long")
    }
}

/// The generator of Steele, Lea and Flood (OOPSLA 2014), to repeat a failing case from its seed.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
