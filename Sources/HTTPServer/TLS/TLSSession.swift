import CTLS

/// The encryption of one connection.
///
/// `@unchecked Sendable`: used by one queue at a time, first that of its handshake, then its connection's.
/// `@safe`: OpenSSL's pointer stays inside.
@safe final class TLSSession: @unchecked Sendable {
    enum Handshake {
        case done
        case reads
        case writes
        case failed(reason: String)
        /// The client speaks HTTP without TLS.
        case plainHTTP
    }

    /// What fits in a record (RFC 8446 section 5.1).
    private static let recordBytes = 16 << 10
    /// As many of 1400 bytes, which fit in a packet, fill the buffer. Decrypting smaller ones, each a microsecond, would
    /// hold up others.
    private static let maximumRecords = 64

    private let session: OpaquePointer
    /// Whose ticket keys and other certificates the session refers to.
    private let context: TLSContext
    /// Whether bytes may have been received that no event of the socket will tell of.
    private(set) var mayHavePending = false
    private(set) var clientCertificate: ClientCertificate?

    /// Takes over the session.
    init(_ session: OpaquePointer, context: TLSContext) {
        unsafe self.session = unsafe session
        self.context = context
    }

    deinit { unsafe ctls_session_free(session) }

    /// Goes on with the handshake as far as it gets without waiting.
    func handshake() -> Handshake {
        switch unsafe ctls_session_handshake(session) {
        case ctls_handshake_reads: return .reads
        case ctls_handshake_writes: return .writes
        case ctls_handshake_failed: return .failed(reason: TLSContext.reason)
        case ctls_handshake_plain_http: return .plainHTTP
        default:
            clientCertificate = unsafe ClientCertificate(session)
            mayHavePending = unsafe ctls_session_has_pending(session)
            return .done
        }
    }

    /// Whether the client came with a ticket of an earlier session.
    var wasResumed: Bool { unsafe ctls_session_was_resumed(session) }

    /// Reads into `buffer`, from its start, until it is full, all that has been received is read, or those of other
    /// connections have their turn: with a call of the system for each record, and none to learn that there is no more.
    func receive(into buffer: inout [UInt8]) -> ConnectionSocket.Received {
        var (total, count, records) = (0, 0, 0)
        unsafe buffer.withUnsafeMutableBytes { bytes in
            repeat {
                let rest = unsafe bytes[total...]
                count = unsafe ctls_session_read(
                    session, UnsafeMutableRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                total += max(0, count)
                records += 1
            } while unsafe count > 0 && total < bytes.count && records < Self.maximumRecords
                && ctls_session_has_pending(session)
        }
        // An end that came with the last bytes is told of at the next call.
        mayHavePending =
            total == buffer.count || (total > 0 && count < 0) || (count > 0 && records == Self.maximumRecords)
        return total > 0 ? .bytes(total) : Self.ending(count)
    }

    private static func ending(_ result: Int) -> ConnectionSocket.Received {
        switch result {
        case Int(ctls_would_block): .wouldBlock
        case Int(ctls_ended): .end
        default: .broken
        }
    }

    /// Whether the client sends nothing more, and all that it sent has been read.
    ///
    /// What comes meanwhile is taken from the socket to be decrypted: ``mayHavePending`` tells of it.
    func isAtEnd() -> Bool {
        let isAtEnd = unsafe ctls_session_is_at_end(session)
        if unsafe ctls_session_has_pending(session) { mayHavePending = true }
        return isAtEnd
    }

    /// Sends at most a record of `head` and `body`, which follow one another, from byte `offset` on. A head and the start
    /// of its body go into the same record.
    ///
    /// - Returns: how many bytes were taken, `nil` where the connection is broken.
    func send(_ head: [UInt8], _ body: [UInt8], from offset: Int) -> Int? {
        if offset < head.count, !body.isEmpty {
            let record = Array(head[offset...].prefix(Self.recordBytes))
            return write(record + body.prefix(Self.recordBytes - record.count), from: 0)
        }
        return offset < head.count ? write(head, from: offset) : write(body, from: offset - head.count)
    }

    private func write(_ bytes: [UInt8], from offset: Int) -> Int? {
        let count = unsafe bytes.withUnsafeBytes { bytes in
            let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[offset...])
            return unsafe ctls_session_write(session, rest.baseAddress, rest.count)
        }
        return count >= 0 ? count : nil
    }

    /// Tells the client that nothing more comes (`close_notify`): without it what it has got may have been cut short.
    func finish() { unsafe ctls_session_finish(session) }
}
