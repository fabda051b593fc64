/// Why a connection ended: one word for machines, by which ends are counted.
public enum CloseReason: String, Sendable, CaseIterable {
    /// The client closed it, or the server after an answer that said so.
    case finished
    /// After a refusal.
    case refused
    /// The client left, or was lost, before its request or the answer was whole.
    case clientLeft = "client-left"
    case idleTimeout = "idle-timeout"
    case writeTimeout = "write-timeout"
    /// It was idle, or longest in its handshake, and another client waited.
    case madeRoom = "made-room"
    /// Its network has as many as it may.
    case addressLimit = "address-limit"
    /// The system would not wait for it: for want of memory, or because its user waits for too many.
    case systemLimit = "system-limit"
    case handshakeFailed = "handshake-failed"
    case handshakeTimeout = "handshake-timeout"
    /// The server stopped.
    case stopped
}
