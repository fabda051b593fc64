/// One place where a server takes connections.
public struct Listener: Sendable {
    public enum Endpoint: Sendable, Equatable {
        /// A host name or address, `0.0.0.0` or `::` for all interfaces; port 0 takes a free one.
        case tcp(host: String, port: Int)
        /// A socket file that this user and its group may connect to. One that a process left behind when it ended is
        /// replaced; one that somebody listens on is an error. The server removes its own when it stops.
        case unix(path: String)
        /// A listening socket, TCP or Unix, that another process opened: by socket activation, say. It is shared with
        /// that process, so the server never shuts it down: clients that still wait when it stops are the next one's.
        case inherited(descriptor: Int32)
    }

    public var endpoint: Endpoint
    /// A short label, "public" or "admin", by which handlers tell where a request came in. Several listeners may share it.
    public var name: String
    /// Whether other processes of this user may listen on the same TCP port at the same time (`SO_REUSEPORT`), among
    /// which the kernel spreads clients: the next server can start before this one stops. A Unix socket takes the place
    /// of another that listens at its path.
    public var reusesPort: Bool
    /// How connections are encrypted; `nil` where they are not.
    public var tls: TLSConfiguration?

    public init(
        _ endpoint: Endpoint, name: String = "public", reusesPort: Bool = false, tls: TLSConfiguration? = nil
    ) {
        (self.endpoint, self.name, self.reusesPort, self.tls) = (endpoint, name, reusesPort, tls)
    }
}
