import HTTPServer
import HTTPTypes
import Testing

@testable import MartletAPI

extension MartletAPI {
    /// Sends `POST /path?query` with fields and a body through the router; gives the response as text: the status, the
    /// fields in their order but for those that every response has, an empty line, the body.
    func answer(
        _ startLine: String, _ fields: HTTPFields = [:], body: [UInt8] = [], authority: String = "localhost:8080"
    ) async throws -> String {
        let response = try await response(startLine, fields, body: body, authority: authority)
        let standing: Set<HTTPField.Name> = [.xContentTypeOptions, .crossOriginResourcePolicy]
        let lines = response.headerFields.filter { !standing.contains($0.name) }.map { "\($0.name): \($0.value)\n" }
            .joined()
        return "\(response.status.code)\n\(lines)\n\(String(decoding: response.body, as: UTF8.self))"
    }

    func response(
        _ startLine: String, _ fields: HTTPFields = [:], body: [UInt8] = [], authority: String = "localhost:8080",
        remoteAddress: String = "", locality: Request.Locality = .elsewhere
    ) async throws -> Response {
        let words = startLine.split(separator: " ", maxSplits: 1)
        let head = HTTPRequest(
            method: try #require(HTTPRequest.Method(rawValue: String(words[0]))), scheme: "http", authority: authority,
            path: String(words[1]), headerFields: fields)
        return await respond(
            to: Request(head: head, body: body, remoteAddress: remoteAddress, locality: locality))
    }
}
