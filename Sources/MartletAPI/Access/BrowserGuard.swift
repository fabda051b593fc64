import HTTPServer
import HTTPTypes

/// Keeps web pages from using a server that their visitor can reach and they cannot, such as one on the visitor's own machine.
struct BrowserGuard: Sendable {
    /// Host names by which the server is asked; `nil` for any.
    private let hosts: Set<String>?
    private let crossOrigin: CrossOrigin

    /// - Parameter hosts: empty for any name, but for `localhost` alone from this machine as long as there are no keys.
    init(hosts: [String], crossOrigin: CrossOrigin) {
        self.hosts = hosts.isEmpty ? nil : Set(hosts.map { $0.lowercased() })
        self.crossOrigin = crossOrigin
    }

    /// Refuses what a page of another site has a browser send.
    ///
    /// - Parameter hasKeys: whether a key is asked for, which such a page does not have.
    func check(_ request: Request, hasKeys: Bool) throws(Problem) {
        try checkHost(request, hasKeys: hasKeys)
        try checkSite(request)
    }

    /// DNS rebinding: a page's own host name is made to lead to the server, which for the browser is then the page's origin.
    /// The name stays in `Host`. One that is a number was not looked up, and comes from no such page.
    ///
    /// A browser that runs here comes from a loopback address, or from the one it asks for, whatever the server listens on.
    private func checkHost(_ request: Request, hasKeys: Bool) throws(Problem) {
        guard hosts != nil || (!hasKeys && request.locality != .elsewhere),
            request.remoteAddress != Client.unixAddress, let authority = request.head.authority, !authority.isEmpty
        else { return }
        let host = Self.host(of: authority)
        guard host != "localhost", !(hosts?.contains(host) ?? false), !AddressPrefix.isNumeric(host) else { return }
        throw Problem(
            .unknownHost,
            "This server does not go by the name '\(host.excerpt())'; --allowed-host \(host.excerpt()) makes it.")
    }

    /// `example.com` of `Example.com.:8080`, `::1` of `[::1]:8080`.
    private static func host(of authority: String) -> String {
        let lower = authority.lowercased()
        if lower.hasPrefix("[") { return String(lower.dropFirst().prefix { $0 != "]" }) }
        let host = lower.prefix { $0 != ":" }
        return String(host.hasSuffix(".") ? host.dropLast() : host)
    }

    /// Cross-site request forgery: a page's forms and scripts can send a request anywhere, though not read its answer.
    /// As Go's net/http has it (CrossOriginProtection): browsers say where a request comes from, by Sec-Fetch-Site to https
    /// and localhost, by Origin to all; what says neither is no browser.
    private func checkSite(_ request: Request) throws(Problem) {
        let (method, fields) = (request.head.method, request.head.headerFields)
        guard method != .get, method != .head else { return }
        let origin = fields[.origin]
        if let site = fields[.secFetchSite] {
            guard site != "same-origin", site != "none" else { return }
        } else {
            guard let origin, !Self.isOrigin(origin, of: request) else { return }
        }
        if let origin, crossOrigin.allows(origin) { return }
        throw Problem(
            .crossSiteRequest,
            "A page of \(origin.map { "'\($0.excerpt())'" } ?? "another site") sends this; --cors-origin allows it to.")
    }

    private static func isOrigin(_ origin: String, of request: Request) -> Bool {
        guard let authority = request.head.authority, let mark = origin.firstRange(of: "://") else { return false }
        return origin[mark.upperBound...].lowercased() == authority.lowercased()
    }
}
