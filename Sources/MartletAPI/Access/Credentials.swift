import HTTPServer
import HTTPTypes

/// What a request shows of keys.
enum Credentials: Equatable {
    case none
    case key(String)
    /// An `Authorization` of another scheme than Bearer, and no key: it may be meant for a proxy on the way.
    case otherScheme
    /// `Authorization` and `X-API-Key`, or two of one, that differ.
    case contradictory

    /// From `Authorization: Bearer KEY` (RFC 6750 section 2.1) or `X-API-Key: KEY`.
    init(_ fields: HTTPFields) {
        var found: Set<String> = []
        var hasOtherScheme = false
        for value in fields[values: .authorization] {
            let words = value.split(separator: " ", maxSplits: 1)
            // Schemes are compared without case (RFC 9110 section 11.1).
            guard words.count == 2, words[0].lowercased() == "bearer" else {
                hasOtherScheme = true
                continue
            }
            found.insert(words[1].drop { $0 == " " }.description)
        }
        found.formUnion(fields[values: .apiKey])
        self =
            found.count > 1
            ? .contradictory : found.first.map { .key($0) } ?? (hasOtherScheme ? .otherScheme : .none)
    }
}
