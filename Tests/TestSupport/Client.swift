import Foundation

/// A client that sends and receives plain bytes. Never blocks a thread: the handlers it waits for need it.
public final class Client {
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    private let descriptor: Int32
    private var received: [UInt8] = []

    /// - Parameter receiveBuffer: how much the kernel holds for a client that does not read.
    public init(port: Int, host: String = "127.0.0.1", receiveBuffer: Int32? = nil) throws {
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

    private static var connectFailure: Failure {
        Failure(description: errno == ECONNREFUSED ? "refused" : "connect: errno \(errno)")
    }

    deinit { close(descriptor) }

    public func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    public func send(_ bytes: [UInt8]) async throws {
        var sent = 0
        try await repeatUntilDone("sending") { () -> Void? in
            while sent < bytes.count {
                let count = bytes.withUnsafeBytes {
                    Foundation.send(
                        descriptor, $0.baseAddress?.advanced(by: sent), bytes.count - sent,
                        Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
                }
                if count < 0, errno == EAGAIN { return nil }
                guard count > 0 else { throw Failure(description: "send: errno \(errno)") }
                sent += count
            }
            return ()
        }
    }

    /// Tells the server that nothing more comes, and still reads.
    public func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

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
            let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
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
        throw Failure(description: "\(what) took too long; so far \(received.count) bytes")
    }
}
