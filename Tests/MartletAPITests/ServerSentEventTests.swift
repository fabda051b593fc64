import HTTPServer
import HTTPTypes
import Testing

@testable import MartletAPI

struct ServerSentEventTests {
    private func text(_ event: ServerSentEvent) -> String { String(decoding: event.bytes, as: UTF8.self) }

    @Test func `An event is a line each for its id, type and data, and an empty line`() {
        let event = ServerSentEvent(id: 7, event: "progress", data: Array(#"{"progress": 0.4}"#.utf8))
        #expect(text(event) == "id: 7\nevent: progress\ndata: {\"progress\": 0.4}\n\n")
        #expect(text(ServerSentEvent(event: "end", data: [])) == "event: end\ndata: \n\n")
    }

    /// §9.2.6: a parser takes CR LF, LF and CR for line ends, and joins the lines of data with LF.
    @Test(arguments: [
        ("a\nb", "data: a\ndata: b\n"), ("a\rb", "data: a\ndata: b\n"), ("a\r\nb", "data: a\ndata: b\n"),
        ("\n", "data: \ndata: \n"), ("a\n\nb", "data: a\ndata: \ndata: b\n"),
        ("\r\r\n\n", "data: \ndata: \ndata: \ndata: \n"),
        ("data: x", "data: data: x\n"), (":x", "data: :x\n"), (" x", "data:  x\n"), ("é\u{2028}", "data: é\u{2028}\n"),
    ]) func `Data of several lines is several fields`(data: String, fields: String) {
        #expect(text(ServerSentEvent(id: 1, event: "e", data: Array(data.utf8))) == "id: 1\nevent: e\n\(fields)\n")
    }

    @Test func `An event's type cannot begin another field`() {
        #expect(text(ServerSentEvent(event: "a\r\ndata: b\n\n", data: [])) == "event: adata: b\ndata: \n\n")
    }

    @Test func `What keeps a connection alive is a comment`() {
        #expect(String(decoding: ServerSentEvent.keepAlive, as: UTF8.self) == ":\n\n")
    }

    private func lastEventID(_ value: String?) throws(Problem) -> Int {
        var head = HTTPRequest(method: .get, scheme: "http", authority: "a", path: "/jobs/1/events")
        if let value, let name = HTTPField.Name("Last-Event-ID") { head.headerFields[name] = value }
        return try Request(head: head).lastEventID()
    }

    @Test(arguments: [(nil, 0), ("", 0), ("0", 0), ("12", 12), ("9223372036854775807", Int.max)] as [(String?, Int)])
    func `A client that comes back says what it has seen`(value: String?, id: Int) throws {
        #expect(try lastEventID(value) == id)
    }

    @Test(arguments: ["-1", "+1", "x", "1.5", "9223372036854775808", "1, 2", "0x1"])
    func `An id that never was is refused`(value: String) {
        let problem = #expect(throws: Problem.self) { try lastEventID(value) }
        #expect(problem?.type == .invalidParameter)
    }
}
