import Testing

@testable import HTTPServer

struct RecentHeadsTests {
    private func head(_ text: String) throws -> (ArraySlice<UInt8>, RequestHead) {
        let bytes = Array(text.utf8)[...]
        return (bytes, try RequestHead(bytes, maximumFieldCount: 8, isSecure: false))
    }

    @Test func `Equal bytes are the head that was read`() throws {
        var heads = RecentHeads()
        let (bytes, head) = try head("GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(heads.head(of: bytes, isSecure: false) == nil)
        heads.remember(head, of: bytes, isSecure: false)
        #expect(heads.head(of: bytes, isSecure: false)?.request == head.request)
    }

    @Test func `Other bytes of the same length are not, nor the same ones encrypted`() throws {
        var heads = RecentHeads()
        let (bytes, head) = try head("GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
        heads.remember(head, of: bytes, isSecure: false)
        for index in bytes.indices {
            var other = bytes
            other[index] ^= 1
            #expect(heads.head(of: other, isSecure: false) == nil)
        }
        #expect(heads.head(of: bytes, isSecure: true) == nil)
    }

    @Test(arguments: [
        "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n",
        "GET /\(String(repeating: "a", count: 1024)) HTTP/1.1\r\nHost: h\r\n\r\n",
    ]) func `Heads with content and long ones are not kept`(text: String) throws {
        var heads = RecentHeads()
        let (bytes, head) = try head(text)
        heads.remember(head, of: bytes, isSecure: false)
        #expect(heads.head(of: bytes, isSecure: false) == nil)
    }

    @Test func `What a client asked for once is asked for again with another's bytes between`() {
        let ask = { (path: String) in Array("GET \(path) HTTP/1.1\r\nHost: h\r\n\r\n".utf8)[...] }
        let reading = Reading([ask("/a"), ask("/b"), ask("/a"), ask("/longer"), ask("/a")])
        #expect(reading.requests.map(\.head.path) == ["/a", "/b", "/a", "/longer", "/a"])
    }
}
