import Foundation
import HTTPServer
import Logging
import TestSupport
import Testing

private let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

extension SocketTests {
    struct CertificateTests {
        private let folder: CertificateFolder

        init() throws { folder = try CertificateFolder() }

        private func failure(_ tls: TLSConfiguration) -> TLSError? {
            let configuration = HTTPServerConfiguration(
                listeners: [Listener(.tcp(host: "127.0.0.1", port: 0), tls: tls)])
            let server = HTTPServer(configuration: configuration, logger: Logger(label: "test"), handler: echo)
            return #expect(throws: TLSError.self) { try server.start() }
        }

        private func failure(certificate: String, key: String) -> TLSError? {
            failure(TLSConfiguration(.files(certificate: certificate, key: key)))
        }

        @Test func `What is wrong with a certificate or key is said at start, with the file`() throws {
            let (good, other) = (try TestCertificate("good"), try TestCertificate("other"))
            let certificate = try folder.write(good.certificate, "good.crt")
            let key = try folder.write(good.key, "good.key")
            let otherKey = try folder.write(other.key, "other.key")
            let text = try folder.write("hello", "text")
            #expect(
                failure(certificate: "/nowhere", key: key)
                    == .unreadable(file: "/nowhere", reason: "No such file or directory"))
            #expect(failure(certificate: text, key: key) == .notCertificates(file: text, reason: "no start line"))
            #expect(failure(certificate: key, key: key) == .notCertificates(file: key, reason: "no start line"))
            #expect(
                failure(certificate: certificate, key: "/nowhere")
                    == .unreadable(file: "/nowhere", reason: "No such file or directory"))
            guard case .notAKey(text, _) = failure(certificate: certificate, key: text) else {
                Issue.record("text is a key"); return
            }
            #expect(
                failure(certificate: certificate, key: otherKey)
                    == .keyOfAnother(key: otherKey, certificate: certificate))
            #expect(failure(TLSConfiguration()) == .noCertificate)
        }

        @Test func `A certificate that is not valid now is an error`() throws {
            let past = try TestCertificate("past", validity: -200 ... -100)
            let future = try TestCertificate("future", validity: 100...200)
            #expect(
                failure(TLSConfiguration(try folder.identity("past", past)))
                    == .expired(file: folder.path("past.crt")))
            #expect(
                failure(TLSConfiguration(try folder.identity("future", future)))
                    == .notYetValid(file: folder.path("future.crt")))
        }

        @Test func `A key with a passphrase is an error, not a question`() throws {
            let locked = try TestCertificate("locked", passphrase: "secret")
            #expect(
                failure(TLSConfiguration(try folder.identity("locked", locked)))
                    == .encryptedKey(file: folder.path("locked.key")))
        }

        @Test func `Authorities that are none are an error`() throws {
            var tls = TLSConfiguration(.selfSigned)
            let text = try folder.write("hello", "text")
            tls.clientAuthentication = .required(authorities: text)
            #expect(failure(tls) == .notCertificates(file: text, reason: "no start line"))
            tls.clientAuthentication = .optional(authorities: "/nowhere")
            #expect(failure(tls) == .unreadable(file: "/nowhere", reason: "No such file or directory"))
        }

        @Test func `Who a certificate is of and until when is logged at start and when it is read again`() async throws
        {
            func identity(_ days: Int) throws -> TLSConfiguration.Identity {
                let names = "DNS:a.example,IP:192.0.2.1"
                return try folder.identity("a", TestCertificate("a", names: names, validity: -60...days * 86_400 + 60))
            }
            let tls = TLSConfiguration(try identity(15), try folder.identity("b", TestCertificate("only common")))
            var configuration = HTTPServerConfiguration(
                listeners: ["public", "admin"].map { Listener(.tcp(host: "127.0.0.1", port: 0), name: $0, tls: tls) })
            configuration.loops = 1
            let log = LogRecord()
            let server = HTTPServer(configuration: configuration, logger: log.logger, handler: echo)
            _ = try server.start()
            #expect(log.lines.count == 2, "once, although two listeners have it: \(log.lines)")
            let valid = "the certificate of a.example, 192.0.2.1 is valid until "
            #expect(log.lines.first?.hasPrefix("info: \(valid)20") == true, "\(log.lines)")
            #expect(log.lines.last?.hasPrefix("warning: the certificate of only common is valid until 20") == true)
            _ = try identity(13)
            try server.reloadCertificates()
            #expect(log.lines.count == 4 && log.lines[2].hasPrefix("warning: \(valid)20"), "\(log.lines)")
            let expiry = try #require(server.statistics.certificates.first?.expiry)
            #expect(abs(expiry.timeIntervalSinceNow - 13 * 86_400) < 600)
            await server.stop(gracePeriod: .zero)
        }

        private func commonName(_ port: Int) async throws -> String {
            let client = try await Client(port: port, tls: ClientTLS())
            try await client.send(get)
            #expect(try await client.content() == "GET / ")
            return client.serverCommonName
        }

        @Test func `Certificates are read again without a restart; connections go on`() async throws {
            let identity = try folder.identity("a", TestCertificate("old"))
            try await withTLSServer(tls: TLSConfiguration(identity)) { server, port in
                let before = try await Client(port: port, tls: ClientTLS())
                #expect(before.serverCommonName == "old")
                _ = try folder.identity("a", TestCertificate("new"))
                #expect(try await commonName(port) == "old")
                try server.reloadCertificates()
                #expect(try await commonName(port) == "new")
                try await before.send(get)
                #expect(try await before.content() == "GET / ")
            }
        }

        @Test func `A broken new file is reported, and the old certificate is served on`() async throws {
            let (first, second) = (try folder.identity("a"), try folder.identity("b", names: "DNS:b.example"))
            try await withTLSServer(tls: TLSConfiguration(first, second)) { server, port in
                _ = try folder.identity("a", TestCertificate("new"))
                try folder.write("", "b.key")
                let error = #expect(throws: TLSError.self) { try server.reloadCertificates() }
                #expect(error?.description.contains("'\(folder.path("b.key"))'") == true)
                #expect(try await commonName(port) == "a")
            }
        }

        /// An authority, the file of it, and a certificate that it has signed.
        private func authority() throws -> (file: String, client: TestCertificate) {
            let authority = try TestCertificate("authority", isAuthority: true)
            return (try folder.write(authority.certificate, "authority.crt"), try client(of: authority))
        }

        private func client(of authority: TestCertificate, expiresIn seconds: Int = 3600) throws -> TestCertificate {
            try TestCertificate(
                "worker",
                names: "DNS:worker.example,URI:spiffe://a/worker,IP:192.0.2.1,IP:2001:db8::1,email:w@a.example",
                validity: -60...seconds, issuer: authority)
        }

        private let subject: Handler = { request in
            let certificate = request.clientCertificate
            let names = certificate?.alternativeNames.joined(separator: " ")
            return Response(body: Array("\(certificate?.commonName ?? "-") \(names ?? "-")".utf8))
        }

        private func subject(_ port: Int, _ certificate: TestCertificate?, version: Int32 = 0) async throws -> String {
            var tls = ClientTLS()
            (tls.certificate, tls.versions) = (certificate, (version, version))
            let client = try await Client(port: port, tls: tls)
            try await client.send(get)
            return try await client.content()
        }

        private let worker =
            "worker DNS:worker.example URI:spiffe://a/worker IP:192.0.2.1 IP:2001:db8::1 email:w@a.example"

        @Test(arguments: [0x0303, 0x0304] as [Int32])
        func `A server that demands certificates serves who has a good one, and nobody else`(
            version: Int32
        ) async throws {
            let (file, client) = try authority()
            var tls = TLSConfiguration(.selfSigned)
            tls.clientAuthentication = .required(authorities: file)
            let log = LogRecord(.debug)
            try await withTLSServer(tls: tls, handler: subject, log: log) { server, port in
                #expect(try await subject(port, client, version: version) == worker)
                for stranger in [nil, try TestCertificate("stranger")] {
                    await #expect(throws: Client.Failure.self) { try await subject(port, stranger, version: version) }
                }
                #expect(await eventually { server.statistics.closed[.handshakeFailed] == 2 })
                #expect(
                    log.lines.filter { $0.contains("handshake") } == [
                        "debug: the handshake came to nothing: peer did not return a certificate",
                        "debug: the handshake came to nothing: certificate verify failed",
                    ])
            }
        }

        @Test func `A server that asks for certificates serves who has none too, but none with a bad one`() async throws
        {
            let (file, client) = try authority()
            var tls = TLSConfiguration(.selfSigned)
            tls.clientAuthentication = .optional(authorities: file)
            try await withTLSServer(tls: tls, handler: subject) { server, port in
                #expect(try await subject(port, client) == worker)
                #expect(try await subject(port, nil) == "- -")
                let stranger = try TestCertificate("stranger")
                await #expect(throws: Client.Failure.self) { try await subject(port, stranger) }
            }
        }

        @Test func `A resumed session still says who the client is`() async throws {
            let (file, certificate) = try authority()
            var tls = TLSConfiguration(.selfSigned)
            tls.clientAuthentication = .required(authorities: file)
            try await withTLSServer(tls: tls, handler: subject) { _, port in
                var options = ClientTLS()
                options.certificate = certificate
                let first = try await Client(port: port, tls: options)
                try await first.send(get)
                #expect(try await first.content() == worker)
                options = ClientTLS()
                let session = try #require(first.session)
                options.session = session
                let second = try await Client(port: port, tls: options)
                try await second.send(get)
                #expect(try await second.content() == worker)
                #expect(second.wasResumed)
            }
        }

        @Test(arguments: [0x0303, 0x0304] as [Int32])
        func `A session is not resumed when the client's certificate has expired`(version: Int32) async throws {
            let authority = try TestCertificate("authority", isAuthority: true)
            var tls = TLSConfiguration(.selfSigned)
            tls.clientAuthentication = .required(
                authorities: try folder.write(authority.certificate, "authority.crt"))
            try await withTLSServer(tls: tls, handler: subject) { _, port in
                var options = ClientTLS()
                options.versions = (version, version)
                options.certificate = try client(of: authority, expiresIn: 4)
                let expiry = ContinuousClock.now + .seconds(5)
                let first = try await Client(port: port, tls: options)
                try await first.send(get)
                #expect(try await first.content() == worker)
                let session = try #require(first.session)
                options.session = session
                try await Task.sleep(until: expiry, clock: .continuous)
                await #expect(throws: Client.Failure.self) {
                    let second = try await Client(port: port, tls: options)
                    try await second.send(get)
                    _ = try await second.content()
                }
                options.certificate = try client(of: authority)
                let third = try await Client(port: port, tls: options)
                try await third.send(get)
                #expect(try await third.content() == worker)
                #expect(!third.wasResumed)
            }
        }
    }
}
