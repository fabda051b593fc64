/// What a server has counted since it started. The numbers are read one after another while it serves on.
public struct HTTPServerStatistics: Sendable {
    /// Connections by the name of their listener.
    public var accepted: [String: Int] = [:]
    public var open: [String: Int] = [:]
    /// Connections that have ended. Every reason is there.
    public var closed: [CloseReason: Int] = [:]
    /// Requests that no handler has seen. Every reason is there.
    public var refused: [RefusalReason: Int] = [:]
    /// TLS handshakes that succeeded, and how many of them resumed an earlier session.
    public var handshakes = 0
    public var resumedHandshakes = 0
    /// How often file descriptors or watches ran out, and accepting paused until there were some for all who waited.
    public var acceptPauses = 0
    /// What is shown to clients now.
    public var certificates: [ServerCertificate] = []
}
