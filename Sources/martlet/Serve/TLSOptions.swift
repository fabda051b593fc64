import ArgumentParser
import Foundation
import HTTPServer

/// How TCP connections are encrypted.
struct TLSOptions: ParsableArguments {
    @Option(
        name: .customLong("tls-certificate"),
        help: ArgumentHelp(
            """
            A certificate (PEM), followed by those that lead from it to an authority's. Repeatable, with a key each: clients get \
            the one of the name that they ask for (SNI), else the first. SIGHUP reads the files again. With one that has \
            expired the server does not start; the log has the end of each.
            """, valueName: "file"))
    var certificates: [String] = []

    @Option(
        name: .customLong("tls-key"),
        help: ArgumentHelp(
            "The private key of the certificate in the same place (PEM, without a passphrase).", valueName: "file"))
    var keys: [String] = []

    @Option(
        name: .customLong("tls-client-ca"),
        help: ArgumentHelp(
            "The authorities (PEM) whose certificates clients show; others are turned away.", valueName: "file"))
    var clientAuthorities: String?

    @Option(
        name: .customLong("tls-client-auth"),
        help: "Whether clients must show a certificate where there are authorities; required where nothing is said.")
    var clientAuthentication: ClientAuthentication?

    @Flag(
        name: .customLong("tls-self-signed"), inversion: .prefixedNo,
        help: "Make a certificate at start that nobody has reason to trust: for development.")
    var isSelfSigned = false

    enum ClientAuthentication: String, ExpressibleByArgument, CaseIterable {
        case required, optional
    }

    func validate() throws {
        guard certificates.count == keys.count else {
            throw ValidationError(
                "--tls-key must be given once for each --tls-certificate (\(certificates.count)), found \(keys.count)")
        }
        guard !isSelfSigned || certificates.isEmpty else {
            throw ValidationError("--tls-self-signed takes the place of --tls-certificate: give one of them")
        }
        guard clientAuthorities == nil || isSelfSigned || !certificates.isEmpty else {
            throw ValidationError("--tls-client-ca needs --tls-certificate and --tls-key")
        }
        if let clientAuthentication, clientAuthorities == nil {
            throw ValidationError(
                "--tls-client-auth \(clientAuthentication.rawValue) needs --tls-client-ca, or no client's certificate is asked for"
            )
        }
    }

    /// `nil` where nothing is encrypted.
    var configuration: TLSConfiguration? {
        var identities = zip(certificates, keys).map { TLSConfiguration.Identity.files(certificate: $0, key: $1) }
        if isSelfSigned { identities = [.selfSigned] }
        guard !identities.isEmpty else { return nil }
        var configuration = TLSConfiguration()
        configuration.identities = identities
        if let clientAuthorities {
            configuration.clientAuthentication =
                clientAuthentication == .optional
                ? .optional(authorities: clientAuthorities) : .required(authorities: clientAuthorities)
        }
        return configuration
    }

    var files: [String] { certificates + keys + (clientAuthorities.map { [$0] } ?? []) }
}
