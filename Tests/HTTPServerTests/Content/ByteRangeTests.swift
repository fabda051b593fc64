import Testing

@testable import HTTPServer

struct ByteRangeTests {
    static let cases: [(text: String, count: Int, section: String, answer: ByteRange.Answer)] = [
        ("bytes=0-499", 10_000, "14.1.2", .part(0..<500)),
        ("bytes=500-999", 10_000, "14.1.2", .part(500..<1000)),
        ("bytes=-500", 10_000, "14.1.2", .part(9500..<10_000)),
        ("bytes=9500-", 10_000, "14.1.2", .part(9500..<10_000)),
        ("bytes=0-0", 10_000, "14.1.2", .part(0..<1)),
        ("bytes=9999-9999", 10_000, "14.1.2", .part(9999..<10_000)),
        ("bytes=9000-20000", 10_000, "14.1.2", .part(9000..<10_000)),
        ("bytes=-20000", 10_000, "14.1.2", .part(0..<10_000)),
        ("bytes= 1-2 ", 10, "5.6.1", .part(1..<3)),
        ("BYTES=1-2", 10, "14.1", .part(1..<3)),
        ("bytes=1-99999999999999999999", 10, "14.1.2", .part(1..<10)),
        ("bytes=10-", 10, "14.1.2", .unsatisfiable),
        ("bytes=10-11", 10, "14.1.2", .unsatisfiable),
        ("bytes=99999999999999999999-", 10, "14.1.2", .unsatisfiable),
        ("bytes=-0", 10, "14.1.2", .unsatisfiable),
        ("bytes=5-4", 10, "14.1.1", .whole),
        ("bytes=-", 10, "14.1.1", .whole),
        ("bytes=", 10, "14.1.1", .whole),
        ("bytes", 10, "14.1.1", .whole),
        ("bytes=a-b", 10, "14.1.1", .whole),
        ("bytes=+1-2", 10, "14.1.1", .whole),
        ("bytes=1--2", 10, "14.1.1", .whole),
        ("bytes=0x1-2", 10, "14.1.1", .whole),
        ("items=1-2", 10, "14.2", .whole),
        ("bytes=0-1,3-4", 10, "14.2", .whole),
        ("bytes=0-", 0, "14.1.2", .whole),
    ]

    @Test(arguments: cases) func `A range is answered as RFC 9110 section 14 says`(
        text: String, count: Int, section: String, answer: ByteRange.Answer
    ) {
        #expect(ByteRange.answer(to: text, count: count) == answer, "RFC 9110 section \(section)")
    }
}
