import Testing

@testable import HTTPServer

/// A stream of bytes, the RFC section that says what it means, and what the parser must make of it.
struct RequestCase: Sendable, CustomTestStringConvertible {
    enum Meaning: Equatable, Sendable {
        /// `METHOD target 'body'` of each request in order; then more is awaited.
        case requests([String])
        /// These requests, then a refusal with this status.
        case refused(Int, after: [String])
    }

    let name: String
    let section: String
    let text: [UInt8]
    let meaning: Meaning

    var testDescription: String { "\(name) (\(section))" }

    /// - Parameters:
    ///   - name: what is special about these bytes.
    ///   - section: the document and section that rules on them.
    init(_ name: String, _ section: String, _ text: String, are requests: String...) {
        self.init(name, section, text, .requests(requests))
    }

    init(_ name: String, _ section: String, _ text: String, refusedWith status: Int, after requests: String...) {
        self.init(name, section, text, .refused(status, after: requests))
    }

    init(_ name: String, _ section: String, _ text: String, _ meaning: Meaning) {
        (self.name, self.section, self.text, self.meaning) = (name, section, Array(text.utf8), meaning)
    }
}

/// What a parser made of a whole stream.
struct Reading: Equatable {
    var requests: [ParsedRequest] = []
    var refusal: ProtocolError?

    var meaning: RequestCase.Meaning {
        let texts = requests.map { request in
            "\(request.head.method.rawValue) \(request.head.path ?? "") '\(String(decoding: request.body, as: UTF8.self))'"
        }
        return refusal.map { .refused($0.status.code, after: texts) } ?? .requests(texts)
    }

    /// Feeds the parser piece by piece, and takes what it has after each.
    init(_ pieces: [ArraySlice<UInt8>], limits: HTTPServerConfiguration = HTTPServerConfiguration()) {
        var parser = RequestParser(limits: limits)
        var heads = RecentHeads()
        do {
            for piece in pieces {
                parser.append(piece)
                reading: while true {
                    switch try parser.next(&heads) {
                    case .incomplete: break reading
                    case .content: continue
                    case .request(let request): requests.append(request)
                    }
                }
            }
        } catch {
            refusal = error
        }
    }
}

/// The parser's result must be `meaning`, and the same however the stream is cut in two, or into single bytes.
func expectSameMeaningHoweverCut(_ test: RequestCase, limits: HTTPServerConfiguration = HTTPServerConfiguration()) {
    let whole = Reading([test.text[...]], limits: limits)
    #expect(whole.meaning == test.meaning, "\(whole.refusal?.detail ?? "not refused")")
    for cut in test.text.indices.dropFirst() {
        let halves = Reading([test.text[..<cut], test.text[cut...]], limits: limits)
        #expect(halves == whole, "cut at byte \(cut)")
    }
    let bytes = Reading(test.text.indices.map { test.text[$0...$0] }, limits: limits)
    #expect(bytes == whole, "cut into bytes")
}
