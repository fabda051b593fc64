import Service

/// Who asks, as far as is known.
enum Client: Sendable {
    /// No key was asked for.
    ///
    /// - Parameter isHere: whether it is on this machine, as far as can be seen.
    case anonymous(AddressPrefix, isHere: Bool)
    case key(APIKey)
    /// Who may open the operators' Unix socket.
    case local

    /// The address of peers of Unix sockets, which the HTTP server gives to no others.
    static let unixAddress = "unix"

    /// Whose turn its images take in the queue. An address cannot pass for a key, nor be invented as a header can.
    var turn: RequestClient {
        switch self {
        case .anonymous(let address, _): RequestClient("address \(address)")
        case .key(let key): RequestClient("key \(key.id)", share: key.share)
        case .local: RequestClient("local")
        }
    }
}
