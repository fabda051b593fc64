import Foundation
import HTTPTypes

/// Refusals of keys, with the challenge that belongs to each (RFC 6750 section 3).
extension Problem {
    /// RFC 6750 section 3.1: without credentials there is no error code.
    static func missingKey(_ scope: Scope) -> Problem {
        Problem(
            .missingKey,
            "This needs a key of scope \(scope.rawValue): Authorization: Bearer KEY, or X-API-Key: KEY."
        ).challenge()
    }

    static var otherScheme: Problem {
        Problem(.missingKey, "Keys come as Authorization: Bearer KEY; found another scheme.").challenge()
    }

    static var invalidKey: Problem {
        Problem(.invalidKey, "There is no such key: it was mistyped, or removed.").challenge("invalid_token")
    }

    static func expired(_ key: APIKey) -> Problem {
        let date = key.expires?.formatted(.iso8601) ?? ""
        return Problem(.expiredKey, "Key '\(key.id)' expired at \(date).").challenge("invalid_token")
    }

    static var contradictoryKeys: Problem {
        Problem(.malformedRequest, "The request has keys that differ; send one, as Authorization or as X-API-Key.")
            .challenge("invalid_request")
    }

    static var adminElsewhere: Problem {
        Problem(.forbidden, "This is done at the admin listener alone; this is another.")
    }

    static func insufficientScope(_ scope: Scope, _ key: APIKey) -> Problem {
        let scopes = Scope.allCases.filter(key.scopes.contains).map(\.rawValue).joined(separator: " and ")
        return Problem(
            .insufficientScope, "This needs a key of scope \(scope.rawValue); key '\(key.id)' has \(scopes)."
        ).with("scope", .string(scope.rawValue)).challenge("insufficient_scope", scope: scope)
    }

    private func challenge(_ error: String? = nil, scope: Scope? = nil) -> Problem {
        var parameters = [#"realm="martlet""#]
        if let error { parameters.append("error=\"\(error)\"") }
        if let scope { parameters.append("scope=\"\(scope.rawValue)\"") }
        return with(.wwwAuthenticate, "Bearer " + parameters.joined(separator: ", "))
    }
}
