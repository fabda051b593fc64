import Testing

@testable import MartletAPI

@Suite("Header values with parameters")
struct ParameterizedValueTests {
    @Test(
        "give the value in lower case and parameters as they are",
        arguments: [
            ("Multipart/Form-Data; Boundary=AbC", "multipart/form-data", "boundary", "AbC"),
            ("a/b;c=d", "a/b", "c", "d"), ("a/b ; c = d ;", "a/b", "c", "d"), ("a;; c=\"d;e\" ", "a", "c", "d;e"),
            (#"a; c="d\"e\\f\g""#, "a", "c", #"d"e\f\g"#),
            (#"a; c="C:\photos\cat.jpg""#, "a", "c", #"C:\photos\cat.jpg"#),
            ("a; c=my cat.jpg; d=e", "a", "c", "my cat.jpg"), ("a; c=", "a", "c", ""), ("a; c=\"\"", "a", "c", ""),
            ("a; c=naïve", "a", "c", "naïve"),
        ])
    func valid(_ text: String, _ value: String, _ name: String, _ parameter: String) throws {
        let parsed = try #require(ParameterizedValue(text.utf8))
        #expect(parsed.value == value)
        #expect(parsed[name] == parameter)
    }

    @Test(
        "are refused where they are ambiguous or have no end",
        arguments: ["", " ", ";", "; a=b", "a; b", "a; =b", "a; b=\"c", "a; b=\"c\\\"", "a; b=\"c\"d", "a; b=c; B=d"])
    func invalid(_ text: String) {
        #expect(ParameterizedValue(text.utf8) == nil)
    }

    /// The examples of RFC 8187 §3.2.3 and RFC 5987, and what is neither.
    @Test(
        "may name their encoding",
        arguments: [
            ("UTF-8''%c2%a3%20and%20%e2%82%ac%20rates", "£ and € rates"), ("iso-8859-1'en'%A3%20rates", "£ rates"),
            ("utf-8'de'plain", "plain"), ("UTF-8''%ff", nil), ("UTF-8''%4", nil), ("UTF-8'%41", nil), ("", nil),
            ("koi8-r''%C1", nil), ("UTF-8''a'b", "a'b"),
        ])
    func extended(_ text: String, _ expected: String?) {
        #expect(decodedExtendedValue(text) == expected)
    }

    @Test("prefer filename* to filename, as RFC 6266 §4.3 does")
    func filenames() throws {
        let body = """
            --B\r
            Content-Disposition: form-data; name=a; filename="na_ve.jpg"; filename*=UTF-8''na%C3%AFve.jpg\r
            \r
            \r
            --B\r
            Content-Disposition: form-data; name=a; filename="plain.jpg"; filename*=broken\r
            \r
            \r
            --B--
            """
        let parts = try MultipartParser(boundary: "B").parts(of: Array(body.utf8))
        #expect(parts.map(\.filename) == ["naïve.jpg", "plain.jpg"])
    }
}
