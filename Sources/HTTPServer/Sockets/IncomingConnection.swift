import Foundation
import HTTPTypes

/// A connection as the kernel hands it over. Who takes it closes the descriptor.
struct IncomingConnection: Sendable {
    let descriptor: Int32
    let peer: SocketAddress?
    let locality: Request.Locality
    let listener: ListenerState
    /// Whom it counts for; `nil` where it does not count.
    var network: ClientNetwork?
    /// Where it is encrypted, and the handshake is over.
    var session: TLSSession?
    /// The answer to whatever it asks for.
    var refusal: ProtocolError?

    init(descriptor: Int32, peer: SocketAddress?, listener: ListenerState, network: ClientNetwork? = nil) {
        (self.descriptor, self.peer, self.listener, self.network) = (descriptor, peer, listener, network)
        locality = peer?.locality(from: unsafe SocketAddress { unsafe getsockname(descriptor, $0, $1) }) ?? .elsewhere
    }

    /// What its client asks for.
    func request(_ head: HTTPRequest, _ body: [UInt8]) -> Request {
        Request(
            head: head, body: body, remoteAddress: peer?.host ?? "", locality: locality, listener: listener.name,
            clientCertificate: session?.clientCertificate)
    }
}
