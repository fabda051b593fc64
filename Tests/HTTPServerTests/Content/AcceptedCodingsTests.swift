import Testing

@testable import HTTPServer

struct AcceptedCodingsTests {
    /// The RFC's own examples first.
    static let cases: [(field: String, gzip: Bool, forbidsIdentity: Bool)] = [
        ("compress, gzip", true, false),
        ("", false, false),
        ("*", true, false),
        ("compress;q=0.5, gzip;q=1.0", true, false),
        ("gzip;q=1.0, identity; q=0.5, *;q=0", true, false),
        ("gzip", true, false),
        ("x-gzip", true, false),
        ("GZIP ; Q=1", true, false),
        ("gzip;q=0", false, false),
        ("gzip;q=0.000", false, false),
        ("gzip;q=0.001", true, false),
        ("gzip;q=0, *", false, false),
        ("identity", false, false),
        ("identity;q=0.5, gzip;q=0.4", false, false),
        ("identity;q=0, gzip", true, true),
        ("*;q=0", false, true),
        ("*;q=0, gzip", true, true),
        ("*;q=0, identity", false, false),
        ("br, deflate", false, false),
        ("gzip;q=2", false, false),
        ("gzip;q=1.001", false, false),
        ("gzip;q=.5", false, false),
        ("gzip;q=0.1234", false, false),
        ("gzip;level=1", false, false),
        (",, gzip ,", true, false),
        ("gzip;q=0, gzip", true, false),
        ("gzip\t;\tq=1", true, false),
        ("gzip;q=1x", false, false),
        ("gzip;q=", false, false),
        ("gzip;", false, false),
        (String(repeating: "br;q=0.1,", count: 4000) + "gzip", true, false),
        ("gzipx, xgzip, x gzip", false, false),
    ]

    @Test(arguments: cases) func `Accept-Encoding is read as RFC 9110 section 12.5.3 says`(
        field: String, gzip: Bool, forbidsIdentity: Bool
    ) {
        #expect(AcceptedCodings(field).preferGzip == gzip)
        #expect(AcceptedCodings(field).forbidIdentity == forbidsIdentity)
    }
}
