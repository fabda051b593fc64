import HTTPServer
import HTTPTypes

/// `GET /` and `GET /openapi.yaml`.
struct DocumentRoutes: Sendable {
    /// The routes that `GET /` lists after its own.
    let listed: [Route]
    let access: Access

    var routes: [Route] {
        let description = Route(
            .get, "/openapi.yaml", scope: nil, "the description of this interface (OpenAPI 3.1)",
            .constant(
                Response(
                    status: .ok, headerFields: [.contentType: "application/yaml", .acceptRanges: "bytes"],
                    body: PackageResources.openapi_yaml
                ).prepared()))
        let table = (listed + [description]).map(\.line).joined(separator: "\n")
        let index = Route(
            .get, "/", scope: nil, "this list",
            .handler { [access] routed in .text(Self.index(table, routed.request, hasKeys: access.asksForKeys)) })
        return [index, description]
    }

    private static func index(_ table: String, _ request: Request, hasKeys: Bool) -> String {
        let options = hasKeys ? #"-H "Authorization: Bearer $KEY" "# : ""
        return """
            martlet: an image-model server

            \(table)

            Try it:
              curl \(options)--data-binary @photo.jpg '\(request.isSecure ? "https" : "http")://\(request.address)/classify?top_k=3'

            """
    }
}

extension Route {
    /// `POST /classify?model&head&top_k   the most probable classes of images`; of many parameters the first.
    fileprivate var line: String {
        let names = parameters.count > 8 ? parameters.prefix(4) + ["…"] : parameters[...]
        let query = names.isEmpty ? "" : "?" + names.joined(separator: "&")
        let target = "\(method.rawValue) \(path)\(query)"
        return "  " + target + String(repeating: " ", count: max(2, 52 - target.count)) + summary
    }
}

extension Request {
    /// The host and port the client used, for a command line it can paste; a `Host` with any character that such a line
    /// would not survive is not repeated.
    fileprivate var address: String {
        guard let authority = head.authority, !authority.isEmpty,
            authority.utf8.allSatisfy({ byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"):
                    true
                default: ".-:[]".utf8.contains(byte)
                }
            })
        else { return "localhost:8080" }
        return authority
    }
}
