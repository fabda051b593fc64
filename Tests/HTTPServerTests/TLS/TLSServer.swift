import Foundation
import HTTPServer
import TestSupport
import Testing

/// Files of certificates and keys in a folder of their own.
final class CertificateFolder {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("martlet-tls-\(UUID())")

    init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    @discardableResult func write(_ text: String, _ name: String) throws -> String {
        try text.write(toFile: path(name), atomically: true, encoding: .utf8)
        return path(name)
    }

    /// The files of a certificate for these names, made anew.
    func identity(_ name: String, names: String = "DNS:localhost") throws -> TLSConfiguration.Identity {
        try identity(name, TestCertificate(name, names: names))
    }

    func identity(_ name: String, _ certificate: TestCertificate) throws -> TLSConfiguration.Identity {
        .files(
            certificate: try write(certificate.certificate, "\(name).crt"),
            key: try write(certificate.key, "\(name).key"))
    }
}

/// Runs `body` against a server that encrypts, with the certificate it makes itself unless told otherwise.
func withTLSServer(
    _ configure: (inout HTTPServerConfiguration) -> Void = { _ in },
    tls: TLSConfiguration = TLSConfiguration(.selfSigned), handler: @escaping Handler = echo,
    log: LogRecord = LogRecord(),
    _ body: (HTTPServer, Int) async throws -> Void
) async throws {
    try await withServer(
        {
            $0.listeners = [Listener(.tcp(host: "127.0.0.1", port: 0), tls: tls)]
            configure(&$0)
        }, handler: handler, log: log, body)
}
