import Glibc

/// A connection's TCP socket, which blocks.
final class Socket {
    /// How long one call may block, so that a server that never answers does not hold the tool for ever.
    static let patienceSeconds = 60

    private let descriptor: Int32

    /// - Parameter address: a `sockaddr` of the address' family.
    init(connectingTo address: [UInt8]) throws(ConnectionLoss) {
        let family = address.withUnsafeBytes { $0.loadUnaligned(as: sockaddr.self).sa_family }
        descriptor = socket(Int32(family), Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw .notConnected(code: errno) }
        set(IPPROTO_TCP, TCP_NODELAY, Int32(1))
        let patience = timeval(tv_sec: Self.patienceSeconds, tv_usec: 0)
        set(Int(SOL_SOCKET), SO_RCVTIMEO, patience)
        set(Int(SOL_SOCKET), SO_SNDTIMEO, patience)
        let result = address.withUnsafeBytes { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { connect(descriptor, $0.baseAddress, socklen_t(address.count)) }
        }
        guard result == 0 else { throw .notConnected(code: errno) }
    }

    deinit { close(descriptor) }

    /// Sends the three one after the other; in one call, unless the socket's buffer is smaller than they are.
    ///
    /// - Returns: whether the server has taken everything.
    func send(_ head: [UInt8], _ body: [UInt8], _ tail: [UInt8]) -> Bool {
        head.withUnsafeBytes { head in
            body.withUnsafeBytes { body in
                tail.withUnsafeBytes { tail in write([head, body, tail]) }
            }
        }
    }

    private func write(_ parts: [UnsafeRawBufferPointer]) -> Bool {
        var vectors = parts.map {
            iovec(iov_base: UnsafeMutableRawPointer(mutating: $0.baseAddress), iov_len: $0.count)
        }
        var first = 0
        while first < vectors.count {
            var written = vectors.withUnsafeBufferPointer { vectors in
                writev(descriptor, vectors.baseAddress?.advanced(by: first), Int32(vectors.count - first))
            }
            guard written >= 0 else {
                if errno == EINTR { continue }
                return false
            }
            while first < vectors.count, written >= vectors[first].iov_len {
                written -= vectors[first].iov_len
                first += 1
            }
            if first < vectors.count {
                vectors[first].iov_base = vectors[first].iov_base?.advanced(by: written)
                vectors[first].iov_len -= written
            }
        }
        return true
    }

    enum Receipt {
        case bytes(Int)
        case closed
        case silent
    }

    /// Waits for bytes and puts them into `buffer` from `start` on, where there must be room.
    func receive(into buffer: inout [UInt8], from start: Int) -> Receipt {
        while true {
            let count = buffer.withUnsafeMutableBytes { bytes in
                let free = UnsafeMutableRawBufferPointer(rebasing: bytes[start...])
                return recv(descriptor, free.baseAddress, free.count, 0)
            }
            if count > 0 { return .bytes(count) }
            if count < 0, errno == EINTR { continue }
            return count < 0 && errno == EAGAIN ? .silent : .closed
        }
    }

    /// The first bytes that have come, at most `count`, left where they are; empty where none has.
    func peek(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = max(0, recv(descriptor, buffer.baseAddress, count, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)))
        }
    }

    private func set<Value: BitwiseCopyable>(_ level: Int, _ option: Int32, _ value: Value) {
        _ = withUnsafeBytes(of: value) {
            setsockopt(descriptor, Int32(level), option, $0.baseAddress, socklen_t($0.count))
        }
    }
}
