import HTTPServer
import HTTPTypes

extension Request {
    /// Whether a proxy says that it passes on somebody else's request: its sender is then not the proxy's machine. nginx says so
    /// only where it is told to (proxy_set_header X-Forwarded-For); a client that says so itself only loses by it.
    var isForwarded: Bool {
        HTTPField.Name.ofProxies.contains { head.headerFields[$0] != nil }
    }
}

extension HTTPField.Name {
    /// RFC 7239, RFC 9110 section 7.6.3, and what was there before them.
    fileprivate static let ofProxies: [HTTPField.Name] = ["Forwarded", "Via", "X-Forwarded-For", "X-Real-IP"].compactMap
    {
        HTTPField.Name($0)
    }
}
