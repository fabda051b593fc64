import HTTPServer
import HTTPTypes

extension Response {
    /// The response with the fields that say to browsers how little they may do with it.
    ///
    /// HSTS is not among them: it speaks for all ports and services of a host, which only who runs the host can do.
    func withStandingFields() -> Response {
        var response = self
        response.headerFields.append(Self.nosniff)
        response.headerFields.append(Self.sameOrigin)
        return response
    }

    /// An uploaded image is not to be taken for a script or a page (WHATWG Fetch, "X-Content-Type-Options").
    private static let nosniff = HTTPField(name: .xContentTypeOptions, value: "nosniff")
    /// Nor put into pages of others (WHATWG Fetch, "Cross-Origin-Resource-Policy"); scripts of origins that are allowed read it
    /// all the same.
    private static let sameOrigin = HTTPField(name: .crossOriginResourcePolicy, value: "same-origin")
}

extension HTTPField.Name {
    static let secFetchSite = token("Sec-Fetch-Site")
    static let apiKey = token("X-API-Key")

    private static func token(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else { preconditionFailure("'\(text)' is a token") }
        return name
    }
}
