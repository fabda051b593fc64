import Foundation
import Service

/// A key as the key file has it.
public struct APIKey: Codable, Sendable, Equatable {
    public let id: String
    /// The owner's word for it.
    public let name: String
    public let scopes: Set<Scope>
    /// SHA-256 of the secret.
    let digest: ContentDigest
    /// `nil`: as many requests as the server takes.
    public let rate: Rate?
    /// Requests that may come at once; `nil`: as many as `rate` counts.
    public let burst: Int?
    /// Turns in the queue for one of a client with share 1.
    public let share: Int
    public let created: Date
    /// `nil`: never.
    public let expires: Date?

    public static let largestShare = 1000

    private enum CodingKeys: String, CodingKey {
        case id, name, scopes, rate, burst, share, created, expires
        case digest = "sha256"
    }

    /// What a new key is given beside its text.
    public struct Grant: Sendable {
        public var name: String
        public var scopes: Set<Scope>
        public var rate: Rate?
        public var burst: Int?
        public var share = 1
        public var expires: Date?

        public init(name: String, scopes: Set<Scope>) {
            self.name = name
            self.scopes = scopes
        }
    }

    /// `nil` where OpenSSL refuses to compute the digest.
    init?(_ text: KeyText, _ grant: Grant, created: Date) {
        guard let digest = text.digest else { return nil }
        id = text.id
        name = grant.name
        scopes = grant.scopes
        self.digest = digest
        (rate, burst, share) = (grant.rate, grant.burst, grant.share)
        self.created = created
        expires = grant.expires
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        id = try container.decode(String.self, forKey: .id)
        name = try container.decode(String.self, forKey: .name)
        scopes = Set(try container.decode([Scope].self, forKey: .scopes))
        digest = try container.decode(ContentDigest.self, forKey: .digest)
        rate = try container.decodeIfPresent(Rate.self, forKey: .rate)
        burst = try container.decodeIfPresent(Int.self, forKey: .burst)
        share = try container.decodeIfPresent(Int.self, forKey: .share) ?? 1
        created = try container.decode(Date.self, forKey: .created)
        expires = try container.decodeIfPresent(Date.self, forKey: .expires)
        guard KeyText.isID(id) else {
            throw DecodingError.dataCorruptedError(
                forKey: .id, in: container, debugDescription: "an id is 8 lower-case letters and digits, found '\(id)'")
        }
        for (name, number, range) in [
            ("burst", burst, 1...Rate.largestCount), ("share", share, 1...Self.largestShare),
        ] {
            guard let number, !range.contains(number) else { continue }
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: decoder.codingPath,
                    debugDescription:
                        "'\(name)' is from \(range.lowerBound) to \(range.upperBound), found \(number)"))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(name, forKey: .name)
        try container.encode(Scope.allCases.filter(scopes.contains), forKey: .scopes)
        try container.encode(digest, forKey: .digest)
        try container.encodeIfPresent(rate, forKey: .rate)
        try container.encodeIfPresent(burst, forKey: .burst)
        try container.encode(share, forKey: .share)
        try container.encode(created, forKey: .created)
        try container.encodeIfPresent(expires, forKey: .expires)
    }

    /// Whether the key's time is over.
    public func hasExpired(at now: Date = .now) -> Bool { expires.map { $0 <= now } ?? false }
}
