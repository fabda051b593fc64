/// Sockets that listen, but from which no server accepts yet: the kernel lets clients in, and they wait. Clients of another
/// server whose place these are to take go to that until then.
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
