/// A connection as the kernel hands it over. Who takes it closes the descriptor.
struct IncomingConnection: Sendable {
    let descriptor: Int32
    let peer: SocketAddress?
    let listener: ListenerState
}
