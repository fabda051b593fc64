import Foundation

/// Reading and writing of a non-blocking socket, encrypted or not. The descriptor is closed by its owner, when nobody waits for it.
struct ConnectionSocket {
    /// What became of a read.
    enum Received {
        case bytes(Int)
        case wouldBlock
        /// The client says that it sends nothing more.
        case end
        /// The connection is lost, or was cut short (RFC 9112 section 9.8).
        case broken
    }

    let descriptor: Int32
    /// Where the connection is encrypted.
    let session: TLSSession?

    /// Reads into `buffer`, from its start.
    func receive(into buffer: inout [UInt8]) -> Received {
        if let session { return session.receive(into: &buffer) }
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
            if count > 0 { return .bytes(count) }
            if count < 0, errno == EINTR { continue }
            if count == 0 { return .end }
            return errno == EAGAIN ? .wouldBlock : .broken
        }
    }

    /// Whether bytes may have been received that no event of the socket will tell of.
    var mayHavePending: Bool { session?.mayHavePending ?? false }

    /// Whether the client sends nothing more, and all that it sent has been read.
    func isAtEnd() -> Bool {
        if let session { return session.isAtEnd() }
        var byte: UInt8 = 0
        let count = unsafe recv(descriptor, &byte, 1, Int32(MSG_PEEK))
        return count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)
    }

    /// `POLLRDHUP` of poll(2), which Glibc's module does not export.
    private static let readingHangUp: Int16 = 0x2000

    /// Whether the client sends nothing more, also where not all that it sent has been read.
    var hasHungUp: Bool {
        var entry = pollfd(fd: descriptor, events: Self.readingHangUp, revents: 0)
        return unsafe poll(&entry, 1, 0) > 0
    }

    /// While a client takes what is sent, a call of the system goes on.
    private static let maximumBytesPerCall = 256 << 10

    /// Sends what the socket takes of `head` or of `body`, which follows it, from byte `offset` on.
    ///
    /// - Returns: how many bytes it took; `nil` where the connection is broken.
    func send(_ head: [UInt8], _ body: [UInt8], from offset: Int) -> Int? {
        if let session { return session.send(head, body, from: offset) }
        guard offset < head.count else { return send(body, from: offset - head.count, moreFollows: false) }
        return send(head, from: offset, moreFollows: !body.isEmpty)
    }

    /// By send(2) alone: writev(2) would end the process with SIGPIPE where a client left, and sendmsg(2) the sandbox
    /// denies, for it can be told an address.
    private func send(_ bytes: [UInt8], from offset: Int, moreFollows: Bool) -> Int? {
        // The end of the head waits for the body, to share a packet with its start.
        let flags = Int32(MSG_NOSIGNAL) | (moreFollows ? Int32(MSG_MORE) : 0)
        while true {
            let count = unsafe bytes.withUnsafeBytes { bytes in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[offset...].prefix(Self.maximumBytesPerCall))
                return unsafe Foundation.send(descriptor, rest.baseAddress, rest.count, flags)
            }
            if count >= 0 { return count }
            if errno == EINTR { continue }
            return errno == EAGAIN ? 0 : nil
        }
    }

    /// How much of what was sent the client's machine has not taken yet; 0 where the kernel does not say.
    var untakenBytes: Int {
        var count: Int32 = 0
        return unsafe ioctl(descriptor, UInt(TIOCOUTQ), &count) == 0 ? Int(count) : 0
    }

    /// Tells the client that nothing more comes.
    func finishSending() {
        session?.finish()
        _ = shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Has closing drop what the client has not taken, which the kernel would otherwise go on offering it.
    func dropUntakenBytesOnClose() {
        var option = linger(l_onoff: 1, l_linger: 0)
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    func close() { _ = Foundation.close(descriptor) }
}
