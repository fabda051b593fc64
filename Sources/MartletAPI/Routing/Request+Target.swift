import HTTPServer

extension Request {
    /// The path, still percent-encoded, and the query without its `?`.
    var targetParts: (path: Substring, query: Substring) {
        let target = head.path ?? "/"
        guard let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) else { return (target[...], "") }
        return (target[..<mark], target[target.utf8.index(after: mark)...])
    }
}
