/// Sockets that listen, but from which no server accepts yet: the kernel lets clients in, and they wait. Clients of another
/// server whose place these are to take go to that until then.
public struct ListeningSockets: Sendable {
    let sockets: [ListeningSocket]
    /// Of each what encrypts its connections.
    let contexts: [TLSContext?]
}

extension HTTPServerConfiguration {
    /// Listens where the configuration says, once all else in it has been found to be in order.
    ///
    /// - Throws: ``ConfigurationError``, ``SocketError``, ``TLSError``.
    public func listen() throws -> ListeningSockets {
        try validate()
        let contexts = try loadCertificates()
        let sockets = try listeners.map { try ListeningSocket($0) }
        // By names of one address, which the kernel lets in where they share their port.
        var places = Set<String>()
        for address in sockets.map(\.address) where !places.insert("\(address)").inserted {
            throw ConfigurationError.listenersInOnePlace("\(address)")
        }
        return ListeningSockets(sockets: sockets, contexts: contexts)
    }

    func loadCertificates() throws(TLSError) -> [TLSContext?] {
        var contexts: [TLSContext?] = []
        for listener in listeners {
            guard let tls = listener.tls else {
                contexts.append(nil)
                continue
            }
            contexts.append(try TLSContext(tls))
        }
        return contexts
    }
}
