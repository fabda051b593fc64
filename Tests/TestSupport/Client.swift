import CTLSClient
import Foundation

/// A client that sends and receives plain bytes. Never blocks a thread: the handlers it waits for need it.
public final class Client {
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    private let descriptor: Int32
    private var received: [UInt8] = []
    private var tls: OpaquePointer?

    /// - Parameters:
    ///   - source: the IPv4 address of this machine that it comes from; `nil` for the one that the kernel takes.
    ///   - receiveBuffer: how much the kernel holds for a client that does not read.
    public init(port: Int, host: String = "127.0.0.1", source: String? = nil, receiveBuffer: Int32? = nil) throws {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var results: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &results) == 0, let address = results?.pointee else {
            throw Failure(description: "no address '\(host)'")
        }
        defer { freeaddrinfo(results) }
        descriptor = socket(address.ai_family, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(description: "socket: errno \(errno)") }
        if var size = receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        if let source { try bind(to: source) }
        guard connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 else { throw Self.connectFailure }
    }

    public init(unixPath path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(description: "socket: errno \(errno)") }
        let address = withUnsafeBytes(of: sa_family_t(AF_UNIX)) { Array($0) } + Array(path.utf8) + [0]
        let status = address.withUnsafeBytes { bytes in
            connect(
                descriptor, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
        }
        guard status == 0 else { throw Self.connectFailure }
    }

    private func bind(to source: String) throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            inet_pton(AF_INET, source, &pointer.pointee.sin_addr)
            return pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                Foundation.bind(descriptor, address, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw Failure(description: "bind: errno \(errno)") }
    }

    private static var connectFailure: Failure {
        Failure(description: errno == ECONNREFUSED ? "refused" : "connect: errno \(errno)")
    }

    /// A client that encrypts, once its handshake is over.
    public convenience init(port: Int, receiveBuffer: Int32? = nil, tls: ClientTLS) async throws {
        try self.init(port: port, receiveBuffer: receiveBuffer)
        try await startTLS(tls)
    }

    deinit {
        ctls_client_free(tls)
        close(descriptor)
    }

    public func startTLS(_ options: ClientTLS = ClientTLS()) async throws {
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        let protocols = options.protocols.map { String(Character(Unicode.Scalar(UInt8($0.utf8.count)))) + $0 }
        let client = Self.withText(options.serverName) { name in
            protocols.joined().withCString { list in
                Self.withText(options.certificate?.certificate) { certificate in
                    Self.withText(options.certificate?.key) { key in
                        var raw = ctls_client_options()
                        (raw.server_name, raw.protocols) = (name, protocols.isEmpty ? nil : list)
                        (raw.minimum_version, raw.maximum_version) = options.versions
                        (raw.certificate, raw.key, raw.session) = (certificate, key, options.session?.pointer)
                        return ctls_client_create(descriptor, &raw)
                    }
                }
            }
        }
        guard let client else { throw Failure(description: "no TLS client") }
        tls = client
        try await repeatUntilDone("the handshake") { () -> Void? in
            switch ctls_client_handshake(client) {
            case 1: return ()
            case 0: return nil
            default: throw Failure(description: "handshake: \(String(cString: ctls_client_error()))")
            }
        }
    }

    private static func withText<Result>(_ text: String?, _ body: (UnsafePointer<CChar>?) -> Result) -> Result {
        guard let text else { return body(nil) }
        return text.withCString { body($0) }
    }

    /// `TLSv1.3`, say.
    public var tlsVersion: String { tls.map { String(cString: ctls_client_version($0)) } ?? "" }

    public var wasResumed: Bool { tls.map { ctls_client_was_resumed($0) } ?? false }

    /// `nil` until the server has sent a ticket, which in TLS 1.3 comes with the first answer.
    public var session: ResumableSession? { ResumableSession(tls.flatMap { ctls_client_session($0) }) }

    /// The common name of the server's certificate.
    public var serverCommonName: String {
        guard let tls else { return "" }
        var text = [CChar](repeating: 0, count: 256)
        ctls_client_peer_common_name(tls, &text, text.count)
        return TestSupport.text(text)
    }

    public func serverIs(_ name: String) -> Bool { tls.map { ctls_client_peer_is($0, name) } ?? false }

    public func speaks(_ name: String) -> Bool { tls.map { ctls_client_has_protocol($0, name) } ?? false }

    public func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    public func send(_ bytes: [UInt8]) async throws {
        var sent = 0
        try await repeatUntilDone("sending") { () -> Void? in
            while sent < bytes.count {
                let count = bytes.withUnsafeBytes { put($0.baseAddress?.advanced(by: sent), bytes.count - sent) }
                if count < 0, errno == EAGAIN { return nil }
                guard count > 0 else { throw Failure(description: "send: errno \(errno)") }
                sent += count
            }
            return ()
        }
    }

    /// Tells the server that nothing more comes, and still reads.
    public func finishSending() {
        if let tls { ctls_client_finish(tls) }
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Goes on with new keys; a server that has left does not learn of it.
    public func updateKeys() { if let tls { _ = ctls_client_update_keys(tls) } }

    /// Tells the server with TLS that nothing more comes, and leaves the connection as it is.
    public func sendCloseNotify() { if let tls { ctls_client_finish(tls) } }

    /// Closes the sending side as a lost connection looks: without a word of TLS.
    public func cutSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// As `send`: -1 with `errno` where it must wait or has failed.
    private func put(_ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
        guard let tls, let bytes else {
            return Foundation.send(descriptor, bytes, count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
        }
        return status(ctls_client_write(tls, bytes, count))
    }

    /// As `recv`.
    private func get(_ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Int {
        guard let tls, let bytes else { return recv(descriptor, bytes, count, Int32(MSG_DONTWAIT)) }
        return status(ctls_client_read(tls, bytes, count))
    }

    private func status(_ result: Int) -> Int {
        switch result {
        case 1...: return result
        case -1: return 0
        default:
            errno = result == 0 ? EAGAIN : ECONNRESET
            return -1
        }
    }

    /// One response to anything but HEAD, as text: its head and as much content as its length says.
    public func response() async throws -> String {
        let head = try await bytes(through: "\r\n\r\n")
        let text = String(decoding: head, as: UTF8.self)
        let length = text.firstMatch(of: /Content-Length: (\d+)/).flatMap { Int($0.1) } ?? 0
        return text + String(decoding: try await bytes(length), as: UTF8.self)
    }

    /// The content of one response.
    public func content() async throws -> String {
        let response = try await response()
        return response.firstRange(of: "\r\n\r\n").map { String(response[$0.upperBound...]) } ?? response
    }

    public func bytes(_ count: Int) async throws -> [UInt8] {
        while received.count < count { guard try await receive() else { throw ended(before: "\(count) bytes") } }
        defer { received.removeFirst(count) }
        return Array(received.prefix(count))
    }

    public func bytes(through end: String) async throws -> [UInt8] {
        while true {
            if let range = received.firstRange(of: Array(end.utf8)) { return try await bytes(range.upperBound) }
            guard try await receive() else { throw ended(before: end.debugDescription) }
        }
    }

    /// Everything until the server closes; fails where it resets the connection.
    public func rest() async throws -> String {
        while try await receive() {}
        defer { received = [] }
        return String(decoding: received, as: UTF8.self)
    }

    private func ended(before expected: String) -> Failure {
        Failure(description: "closed before \(expected): \(String(decoding: received, as: UTF8.self).debugDescription)")
    }

    /// Waits for some bytes; false when the server has closed.
    private func receive() async throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = try await repeatUntilDone("receiving") { () -> Int? in
            let count = buffer.withUnsafeMutableBytes { get($0.baseAddress, $0.count) }
            if count < 0, errno == EAGAIN { return nil }
            guard count >= 0 else { throw Failure(description: "recv: errno \(errno)") }
            return count
        }
        received.append(contentsOf: buffer[..<count])
        return count > 0
    }

    private func repeatUntilDone<Result>(_ what: String, _ attempt: () throws -> Result?) async throws -> Result {
        let end = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < end {
            if let result = try attempt() { return result }
            try await Task.sleep(for: .milliseconds(2))
        }
        // Where tests that block threads kept this one from running, the time has passed with the bytes there.
        if let result = try attempt() { return result }
        throw Failure(description: "\(what) took too long; so far \(received.count) bytes")
    }
}
