import CTLSClient

/// How a client of a test encrypts.
public struct ClientTLS {
    /// As OpenSSL numbers them: 0x0301 is TLS 1.0, 0x0304 is TLS 1.3; 0 leaves it to OpenSSL.
    public var versions: (Int32, Int32) = (0, 0)
    /// For SNI.
    public var serverName: String?
    /// What it offers with ALPN.
    public var protocols: [String] = []
    public var certificate: TestCertificate?
    public var session: ResumableSession?

    public init() {}
}

/// What a client needs to resume a session.
public final class ResumableSession {
    let pointer: UnsafeMutableRawPointer

    init?(_ pointer: UnsafeMutableRawPointer?) {
        guard let pointer else { return nil }
        self.pointer = pointer
    }

    deinit { ctls_client_session_free(pointer) }
}

/// A certificate and its key, in PEM.
public struct TestCertificate {
    public let certificate: String
    public let key: String

    /// - Parameters:
    ///   - names: as `DNS:a.example,IP:127.0.0.1`.
    ///   - validity: from when to when, in seconds from now.
    ///   - issuer: whose key signs it; its own where there is none.
    public init(
        _ commonName: String, names: String? = nil, isAuthority: Bool = false,
        validity: ClosedRange<Int> = -60...3600, issuer: TestCertificate? = nil, passphrase: String? = nil
    ) throws {
        var (certificate, key) = ([CChar](repeating: 0, count: 8192), [CChar](repeating: 0, count: 8192))
        guard
            ctls_make_certificate(
                commonName, names, isAuthority, validity.lowerBound, validity.upperBound, issuer?.certificate,
                issuer?.key, passphrase, &certificate, &key, certificate.count)
        else {
            throw Client.Failure(
                description: "no certificate for \(commonName): \(String(cString: ctls_client_error()))")
        }
        (self.certificate, self.key) = (text(certificate), text(key))
    }
}

/// Of a C string.
func text(_ characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}
