import HTTPServer
import HTTPTypes

/// The web pages of other origins that may read answers (WHATWG Fetch, "CORS protocol").
public enum CrossOrigin: Equatable, Sendable {
    /// None: browsers keep the answers from them.
    case none
    /// Every page on the web.
    case any
    /// Origins as browsers send them, `https://example.com` or `http://localhost:3000`.
    case only(Set<String>)

    /// - Parameter origins: `*` is every origin.
    public init(_ origins: [String]) {
        self = origins.isEmpty ? .none : origins.contains("*") ? .any : .only(Set(origins))
    }

    /// Whether `text` is an origin as a browser sends it (RFC 6454 section 6.2), or `*`. Pages without one, of files and
    /// sandboxes, send `null`: to allow that would allow every page that puts itself into a sandbox.
    public static func isOrigin(_ text: String) -> Bool {
        text == "*" || text.wholeMatch(of: /https?:\/\/([a-z0-9._-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?/) != nil
    }

    func allows(_ origin: String) -> Bool {
        switch self {
        case .none: false
        case .any: true
        case .only(let origins): origins.contains(origin)
        }
    }

    /// What pages may send beside what browsers let all pages send, and what they may read beside the content.
    private static let requestFields =
        "Authorization, X-API-Key, Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID, X-Request-Timeout-Ms"
    private static let readableFields = "ETag, Location, Retry-After, Server-Timing, WWW-Authenticate"
    /// Seconds that a browser asks no more before it sends such requests; Chromium takes no more than two hours.
    private static let maximumAge = "7200"

    /// Adds to an answer what the page that asks may do with it. There is no `Access-Control-Allow-Credentials`: keys are sent
    /// by pages, not by browsers, so that none is sent without the page knowing it.
    func complete(_ response: inout Response, to request: Request) {
        switch self {
        case .none: return
        case .any: response.headerFields[.accessControlAllowOrigin] = "*"
        case .only(let origins):
            // Also where the origin is another: caches must not give one origin's answer to another.
            response.headerFields.append(HTTPField(name: .vary, value: "Origin"))
            guard let origin = request.head.headerFields[.origin], origins.contains(origin) else { return }
            response.headerFields[.accessControlAllowOrigin] = origin
        }
        response.headerFields[.accessControlExposeHeaders] = Self.readableFields
        let fields = request.head.headerFields
        guard request.head.method == .options, fields[.origin] != nil, fields[.accessControlRequestMethod] != nil,
            let allowed = response.headerFields[.allow]
        else { return }
        response.headerFields[.accessControlAllowMethods] = allowed
        response.headerFields[.accessControlAllowHeaders] = Self.requestFields
        response.headerFields[.accessControlMaxAge] = Self.maximumAge
    }
}
