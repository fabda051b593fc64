import Testing

@testable import MartletAPI

struct JSONScalarTests {
    private func scalar(_ json: String) throws -> JSONScalar {
        var reader = JSONReader(Array(json.utf8))
        let scalar = try reader.scalar()
        try reader.end()
        return scalar
    }

    @Test func `Values without structure are taken as what they are`() throws {
        #expect(try scalar(" null ") == .null)
        #expect(try scalar("true") == .bool(true))
        #expect(try scalar("false") == .bool(false))
        #expect(try scalar(#""\u00e9\n""#) == .string("é\n"))
        #expect(try scalar("[[1], 2]") == .array)
        #expect(try scalar(#"{"a": {}}"#) == .object)
    }

    @Test(
        arguments: [
            ("0", 0, 0, 0), ("-0", 0, 0, 0), ("7", 7, 7, 7), ("-7", -7, -7, nil), ("0.5", 0.5, nil, nil),
            ("1e3", 1000, 1000, 1000), ("1.50e1", 15, 15, 15), ("1e-1", 0.1, nil, nil),
            ("9223372036854775807", 0x1p63, Int.max, 9_223_372_036_854_775_807),
            ("18446744073709551615", 0x1p64, nil, UInt64.max), ("18446744073709551616", 0x1p64, nil, nil),
            ("1e19", 1e19, nil, nil), ("1e400", .infinity, nil, nil), ("-1e400", -.infinity, nil, nil),
            ("1e-400", 0, 0, 0),
            ("9007199254740993", 9_007_199_254_740_992, 9_007_199_254_740_993, 9_007_199_254_740_993),
        ] as [(String, Double, Int?, UInt64?)])
    func `A number is read as the type that is asked for, exactly`(
        text: String, double: Double, integer: Int?, unsigned: UInt64?
    ) throws {
        let number = try #require(JSONNumber(text))
        #expect(number.double == double && number.integer == integer && number.unsigned == unsigned)
    }

    @Test(arguments: [
        "", "x", "nan", "inf", "Infinity", "0x10", "1_000", "1,5", ".5", "5.", "+5", "1e", "1 2", "\"1\"", "[1]",
    ])
    func `Text that is no number of JSON is none`(text: String) {
        #expect(JSONNumber(text) == nil)
    }

    @Test func `Long values are cut so that they are no value of use`() throws {
        let long = String(repeating: "1", count: 100_000)
        guard case .string(let string) = try scalar("\"\(long)\""), case .number(let number) = try scalar("1.\(long)e5")
        else {
            Issue.record("neither a string nor a number")
            return
        }
        #expect(string.count == 1025 && string.hasSuffix("1…"))
        #expect(number.text.count == 1025 && number.double == nil && number.integer == nil && number.unsigned == nil)
    }
}
