/// A connection as the kernel hands it over. Who takes it closes the descriptor.
struct IncomingConnection: Sendable {
    let descriptor: Int32
    let peer: SocketAddress?
    let listener: ListenerState
    /// Whom it counts for; `nil` where it does not count.
    var network: ClientNetwork?
    /// Where it is encrypted, and the handshake is over.
    var session: TLSSession?
    /// The answer to whatever it asks for.
    var refusal: ProtocolError?
}
