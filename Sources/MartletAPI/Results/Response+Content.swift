import HTTPServer
import HTTPTypes

extension Response {
    /// - Parameter text: gets a final newline, so that a shell's prompt does not follow on the same line.
    static func json(_ text: consuming [UInt8]) -> Response {
        text.append(UInt8(ascii: "\n"))
        return Response(status: .ok, headerFields: [.contentType: "application/json"], body: text)
    }

    static var noContent: Response { Response(status: .noContent) }

    static func text(_ text: String) -> Response {
        Response(status: .ok, headerFields: [.contentType: "text/plain; charset=utf-8"], body: Array(text.utf8))
    }

    /// The problem as `application/problem+json`.
    init(_ problem: Problem) {
        var fields = problem.headerFields
        fields[.contentType] = "application/problem+json"
        self.init(status: problem.status, headerFields: fields, body: problem.json + [UInt8(ascii: "\n")])
    }
}

extension HTTPField.Name {
    /// W3C Server Timing: how long the parts of an answer took, shown by browsers' developer tools.
    static let serverTiming: HTTPField.Name = {
        guard let name = HTTPField.Name("Server-Timing") else { preconditionFailure("'Server-Timing' is a token") }
        return name
    }()
}
