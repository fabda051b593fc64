import HTTPTypes
import Testing

@testable import HTTPServer

/// Entity tags (RFC 9110 section 8.8.3) and the conditions that name them (section 13).
struct PreconditionsTests {
    static let comparisons: [(String, String, strong: Bool, weak: Bool)] = [
        (#"W/"1""#, #"W/"1""#, false, true),
        (#"W/"1""#, #"W/"2""#, false, false),
        (#"W/"1""#, #""1""#, false, true),
        (#""1""#, #""1""#, true, true),
    ]

    @Test(arguments: comparisons) func `Tags compare as in the table of RFC 9110 section 8.8.3.2`(
        first: String, second: String, strong: Bool, weak: Bool
    ) throws {
        let (first, second) = (try #require(EntityTag(first)), try #require(EntityTag(second)))
        #expect(first.matchesStrongly(second) == strong)
        #expect(first.matchesWeakly(second) == weak)
    }

    @Test(arguments: ["", "a", "\"a", "a\"", "w/\"a\"", "W/a", "\"a\"b", "\"a b\"", "\"\u{7F}\"", "\"a\" "])
    func `What is no tag, RFC 9110 section 8.8.3, is none`(text: String) {
        #expect(EntityTag(text) == nil)
    }

    @Test func `The tag of some bytes is half of their SHA-256`() throws {
        // FIPS 180-4's example: SHA-256 of "abc" is ba7816bf 8f01cfea 414140de 5dae2223 b00361a3 …
        #expect(EntityTag(of: Array("abc".utf8))?.text == #""ba7816bf8f01cfea414140de5dae2223""#)
        #expect(EntityTag(of: Array("abc".utf8))?.coded("gzip").text == #""ba7816bf8f01cfea414140de5dae2223-gzip""#)
    }

    /// The fields of a request for what has the strong tag `"a"`.
    static let conditions: [(fields: HTTPFields, section: String, outcome: Preconditions.Outcome)] = [
        ([:], "13.2.2", .holds),
        ([.ifNoneMatch: #""a""#], "13.1.2", .notModified),
        ([.ifNoneMatch: #"W/"a""#], "13.1.2", .notModified),
        ([.ifNoneMatch: #""b""#], "13.1.2", .holds),
        ([.ifNoneMatch: #""b", W/"c" ,"a""#], "13.1.2", .notModified),
        ([.ifNoneMatch: #""b,"a",""#], "13.1.2", .holds),
        ([.ifNoneMatch: "*"], "13.1.2", .notModified),
        ([.ifNoneMatch: "a"], "13.1.2", .holds),
        ([.ifMatch: #""a""#], "13.1.1", .holds),
        ([.ifMatch: #"W/"a""#], "13.1.1", .failed),
        ([.ifMatch: #""b""#], "13.1.1", .failed),
        ([.ifMatch: #""b", "a""#], "13.1.1", .holds),
        ([.ifMatch: "*"], "13.1.1", .holds),
        ([.ifMatch: #""b""#, .ifNoneMatch: #""a""#], "13.2.2", .failed),
        ([.ifMatch: #""a""#, .ifNoneMatch: #""a""#], "13.2.2", .notModified),
        ([.ifModifiedSince: "Sun, 06 Nov 1994 08:49:37 GMT"], "13.1.3", .holds),
        ([.ifUnmodifiedSince: "Sun, 06 Nov 1994 08:49:37 GMT"], "13.1.4", .holds),
    ]

    @Test(arguments: conditions) func `Conditions hold as RFC 9110 section 13 says`(
        fields: HTTPFields, section: String, outcome: Preconditions.Outcome
    ) throws {
        #expect(Preconditions.evaluate(fields, tag: EntityTag(#""a""#)) == outcome)
    }

    @Test func `What has no tag matches none but '*'`() {
        #expect(Preconditions.evaluate([.ifMatch: #""a""#], tag: nil) == .failed)
        #expect(Preconditions.evaluate([.ifMatch: "*"], tag: nil) == .holds)
        #expect(Preconditions.evaluate([.ifNoneMatch: #""a""#], tag: nil) == .holds)
    }

    @Test(
        arguments: [
            // What has no tag, what has the tag "a", what is not there (RFC 9110 sections 13.1.1 and 13.1.2).
            ([.ifMatch: "*"], false, false, true), ([.ifMatch: #""a""#], true, false, true),
            ([.ifMatch: #""b""#], true, true, true), ([.ifNoneMatch: "*"], true, true, false),
            ([.ifNoneMatch: #""a""#], false, true, false), ([.ifNoneMatch: #""b""#], false, false, false),
        ] as [(HTTPFields, Bool, Bool, Bool)])
    func `A change is forbidden where a condition does not hold for what is there`(
        fields: HTTPFields, untagged: Bool, tagged: Bool, absent: Bool
    ) {
        let request = Request(
            head: HTTPRequest(method: .put, scheme: nil, authority: nil, path: "/", headerFields: fields))
        #expect(request.setsConditionsOnChange)
        #expect(request.forbidsChange(of: Response()) == untagged)
        #expect(request.forbidsChange(of: Response(headerFields: [.eTag: #""a""#])) == tagged)
        #expect(request.forbidsChange(of: nil) == absent)
    }

    @Test(arguments: [
        (nil, true), (#""a""#, true), (#""b""#, false), (#"W/"a""#, false), ("Sun, 06 Nov 1994 08:49:37 GMT", false),
    ]) func `If-Range compares strongly, RFC 9110 section 13.1.5`(condition: String?, holds: Bool) {
        var fields = HTTPFields()
        fields[.ifRange] = condition
        #expect(Preconditions.allowsRange(fields, tag: EntityTag(#""a""#)) == holds)
        #expect(Preconditions.allowsRange(fields, tag: EntityTag(#"W/"a""#)) == (condition == nil))
    }
}
