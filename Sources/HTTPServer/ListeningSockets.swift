/// Sockets that listen, but from which no server accepts yet: the kernel lets clients in, and they wait.
public struct ListeningSockets: Sendable {
    let sockets: [ListeningSocket]
}

extension HTTPServerConfiguration {
    /// Listens where the configuration says.
    ///
    /// - Throws: ``SocketError``.
    public func listen() throws -> ListeningSockets {
        ListeningSockets(sockets: try listeners.map { try ListeningSocket($0) })
    }
}
