import HTTPServer
import HTTPTypes

/// Decides who may ask for what, and how often.
public final class Access: Sendable {
    /// Keys that are not valid, from one address: ten at once, then one in six seconds. They cannot be guessed at any speed; but
    /// each is logged, and who sends a wrong one in a loop should hear of it.
    private static let failureRate = Rate(10, per: .minute)

    /// The listener whose clients may do what belongs to the scope admin, where there is one of the name. Where it is a Unix
    /// socket they need no key.
    private static let adminListener = "admin"

    private let keys: KeyRing?
    private let browserGuard: BrowserGuard
    private let hasAdminListener: Bool
    let crossOrigin: CrossOrigin
    private let anonymous: AddressBuckets?
    private let failures = AddressBuckets(BucketTerms(failureRate))

    /// - Parameters:
    ///   - keys: whose requests are answered, where there are any.
    ///   - listeners: where requests come from. Where one is called "admin", what needs the scope admin is done there alone. It needs
    ///     a key as elsewhere, unless it is a Unix socket: who may open that may do everything. Any other Unix socket may be a proxy's,
    ///     which as a rule does not say that it forwards somebody else's request.
    ///   - rateLimit: of each address without a key.
    ///   - crossOrigin: the web pages that may ask.
    ///   - hosts: names by which browsers may ask; by numeric addresses and as localhost they always may. Where there are none,
    ///     by any; but by no other while there are no keys, from this machine.
    public init(
        keys: KeyRing? = nil, listeners: [Listener] = [], rateLimit: Rate? = nil, crossOrigin: CrossOrigin = .none,
        hosts: [String] = []
    ) {
        self.keys = keys
        self.crossOrigin = crossOrigin
        hasAdminListener = listeners.contains { $0.name == Self.adminListener }
        browserGuard = BrowserGuard(hosts: hosts, crossOrigin: crossOrigin)
        anonymous = rateLimit.map { AddressBuckets(BucketTerms($0)) }
    }

    /// Whether a client needs a key.
    var asksForKeys: Bool { keysInForce != nil }

    /// Who sends a request to a route that needs a key of `scope`.
    func client(of request: Request, for scope: Scope?) throws(Problem) -> Client {
        let address = AddressPrefix(request.remoteAddress)
        guard let scope else { return .anonymous(address, isHere: false) }
        let keys = keysInForce
        try browserGuard.check(request, hasKeys: keys != nil)
        if scope == .admin, hasAdminListener, request.listener != Self.adminListener { throw .adminElsewhere }
        if request.listener == Self.adminListener, request.remoteAddress == Client.unixAddress, !request.isForwarded {
            return .local
        }
        guard let keys else {
            try take(anonymous?.take(address, now: .now), "from \(address)")
            return .anonymous(address, isHere: request.locality == .loopback && !request.isForwarded)
        }
        let entry = try entry(Credentials(request.head.headerFields), keys, from: address, for: scope)
        let key = entry.key
        if let rate = key.rate {
            try take(entry.bucket.take(BucketTerms(rate, burst: key.burst), now: .now), "of key '\(key.name)'")
        }
        guard key.scopes.contains(scope) else { throw .insufficientScope(scope, key) }
        return .key(key)
    }

    /// Whether a client that was let in by a request's head may still ask now that the content has come, which may take
    /// hours. Takes nothing of a rate.
    func confirm(_ client: Client, for scope: Scope?) throws(Problem) {
        guard let scope, let keys = keysInForce else { return }
        switch client {
        case .local: return
        case .anonymous: throw .missingKey(scope)
        case .key(let key):
            switch keys.verdict(on: key) {
            case .valid(let entry):
                guard entry.key.scopes.contains(scope) else { throw .insufficientScope(scope, entry.key) }
            case .expired(let key): throw .expired(key)
            case .invalid: throw .invalidKey
            }
        }
    }

    private var keysInForce: KeyRing? { keys.flatMap { $0.isInForce ? $0 : nil } }

    private func entry(
        _ credentials: Credentials, _ keys: KeyRing, from address: AddressPrefix, for scope: Scope
    ) throws(Problem) -> KeyRing.Entry {
        let problem: Problem
        switch credentials {
        case .contradictory: throw .contradictoryKeys
        case .none: problem = .missingKey(scope)
        case .otherScheme: problem = .otherScheme
        case .key(let text):
            switch keys.verdict(on: text) {
            case .valid(let entry): return entry
            case .expired(let key): problem = .expired(key)
            case .invalid: problem = .invalidKey
            }
        }
        // Who shows no key is no more than a passer-by.
        guard problem.type != .missingKey else { throw problem }
        // Only now: where many share an address, as behind a proxy, somebody's wrong key must not shut out the others.
        try take(failures.take(address, now: .now), "without a valid key from \(address)")
        throw problem
    }

    /// - Parameter wait: nanoseconds until there is a token; `nil` and zero where there is one.
    private func take(_ wait: Int64?, _ whose: String) throws(Problem) {
        guard let wait, wait > 0 else { return }
        let seconds = (wait - 1) / 1_000_000_000 + 1
        throw Problem(.rateLimited, "There are too many requests \(whose); try again in \(seconds) s.")
            .with(.retryAfter, "\(seconds)")
    }
}
