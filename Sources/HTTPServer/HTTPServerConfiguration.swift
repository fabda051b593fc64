import Foundation
import HTTPTypes

/// Where a server listens and what it puts up with.
///
/// What a connection may hold: between requests, next to nothing (measured with 10,000: 1.7 KB each, 15 KB where it is
/// encrypted, and 12 KB more while part of a record has come); while a request arrives, ``maximumHeadBytes`` and as much of
/// its body as ``maximumBufferedBytes`` has room for; while one is answered, 128 KB of those that follow, and the answer.
public struct HTTPServerConfiguration: Sendable {
    /// At least one. All count towards the same limits; where they have different names, the first name's leave the others up
    /// to 16 places of ``maximumConnections``.
    public var listeners: [Listener]
    /// The most bytes of content a request may have.
    public var maximumBodyBytes = 64 << 20
    /// The most bytes of content that all requests together may have, while they arrive and until they are answered;
    /// what comes beyond is refused with 503, unless a body that has been arriving for longer than ``bodyTimeout`` can give
    /// way to it. One client, as ``maximumConnectionsPerAddress`` counts them, has a quarter, and always as much as one
    /// request. A server whose limit is less than ``maximumBodyBytes`` does not start.
    public var maximumBufferedBytes = 512 << 20
    /// The most bytes of request line and header fields.
    public var maximumHeadBytes = 32 << 10
    /// The most header fields.
    public var maximumFieldCount = 100
    /// The queues that connections are spread over; each reads and writes on one thread at a time.
    public var loops = ProcessInfo.processInfo.activeProcessorCount
    /// The most open connections, or fewer where the process may not have that many descriptors. Further clients wait
    /// in the kernel's backlog until one leaves, or is closed because it has been idle for a second.
    public var maximumConnections = 10_000
    /// The most open connections of one client: of an IPv4 address, or an IPv6 network of 64 bits. Further ones are
    /// refused with 503. 0: no limit, as behind a proxy, where all clients have its address. Who comes to a
    /// loopback address or a Unix socket is not counted. The default leaves room for an office behind one address.
    public var maximumConnectionsPerAddress = 1000
    /// The longest a TLS handshake may take.
    public var handshakeTimeout = Duration.seconds(10)
    /// The most TLS handshakes under way. A further client takes the place of one of the network that has the most of them:
    /// the one that has been at it for longest, and rather one whose client has sent nothing.
    public var maximumHandshakes = 1000
    /// From a connection's first byte of a request to the end of its header fields.
    public var headTimeout = Duration.seconds(10)
    /// The longest pause between two pieces of a body.
    public var bodyTimeout = Duration.seconds(30)
    /// The fewest bytes of content a second, on average, once `bodyTimeout` has passed. A client that sends one byte
    /// now and then is never silent for long, and would hold its connection for ever. Bytes that came faster are
    /// credited, for at most `bodyTimeout`.
    public var minimumBodyRate = 500
    /// How long a connection may stay open without a request.
    public var idleTimeout = Duration.seconds(75)
    /// The longest a client may take nothing of its answer.
    public var writeTimeout = Duration.seconds(30)
    /// The fewest bytes of its answer that a client must take a second, on average, once `writeTimeout` has passed; as
    /// ``minimumBodyRate``.
    public var minimumWriteRate = 500
    /// Whether the content of a request, which is not in what it gets, is worth reading: strangers must not take the
    /// room that ``maximumBufferedBytes`` leaves. Asked by the head alone, whether or not content came with it, so that
    /// the answer does not depend on how the network cuts a request; not asked where ``Admission/maximumUnaskedBytes`` or
    /// less are announced. Called on the connection's queue.
    public var admission: @Sendable (Request) -> Admission = { _ in .admitted(finding: nil) }
    /// The answer to what is refused before routing.
    public var refusal: @Sendable (ProtocolError) -> Response = { error in
        Response(
            status: error.status, headerFields: [.contentType: "text/plain"], body: Array("\(error.detail)\n".utf8))
    }

    public init(listeners: [Listener] = [Listener(.tcp(host: "127.0.0.1", port: 8080))]) {
        self.listeners = listeners
    }

    /// - Throws: ``ConfigurationError`` where limits contradict one another.
    func validate() throws(ConfigurationError) {
        guard !listeners.isEmpty else { throw .noListeners }
        guard maximumBufferedBytes >= maximumBodyBytes else {
            throw .bufferSmallerThanBody(
                maximumBufferedBytes: maximumBufferedBytes, maximumBodyBytes: maximumBodyBytes)
        }
        var files = Set<String>()
        for case .unix(let path) in listeners.map(\.endpoint) {
            for file in UnixSocketFile.paths(of: path) where !files.insert(file).inserted {
                throw .listenersInOnePlace("unix:\(path)")
            }
        }
    }
}
