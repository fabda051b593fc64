import CTLS
import Foundation

/// What a listener shows its clients: for whom it is, and until when.
public struct ServerCertificate: Sendable, Hashable, CustomStringConvertible {
    /// Host names and addresses; the subject's common name where it has none of these.
    public let names: [String]
    public let expiry: Date

    public init(names: [String], expiry: Date) {
        (self.names, self.expiry) = (names, expiry)
    }

    /// Of a context that has a certificate.
    init(_ context: OpaquePointer) {
        let alternatives = unsafe ClientCertificate.names { unsafe ctls_context_alternative_name(context, $0, $1, $2) }
        let names = alternatives.compactMap { name in
            ["DNS:", "IP:"].first(where: name.hasPrefix).map { String(name.dropFirst($0.count)) }
        }
        let commonName = unsafe ClientCertificate.name { unsafe ctls_context_common_name(context, $0, $1) }
        self.names = names.isEmpty ? commonName.map { [$0] } ?? [] : names
        expiry = Date(timeIntervalSince1970: TimeInterval(unsafe ctls_context_expiry(context)))
    }

    /// Authorities that renew by themselves do so a month before the end: who has two weeks left has missed it.
    private static let warningTime = 14 * 86_400.0

    func expiresSoon(at now: Date = .now) -> Bool { expiry.timeIntervalSince(now) < Self.warningTime }

    public var description: String {
        "the certificate of \(names.isEmpty ? "nobody" : names.joined(separator: ", ")) is valid until \(expiry.formatted(.iso8601))"
    }
}
