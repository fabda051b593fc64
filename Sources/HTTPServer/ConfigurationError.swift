/// Why a server cannot start as it is configured.
public enum ConfigurationError: Error, Equatable, CustomStringConvertible {
    /// There is nowhere to connect to.
    case noListeners
    /// A body that may be received would never fit.
    case bufferSmallerThanBody(maximumBufferedBytes: Int, maximumBodyBytes: Int)

    /// Whoever shares its place with another server would take its own other listener's.
    case listenersInOnePlace(String)

    public var description: String {
        switch self {
        case .noListeners: "a server needs at least one listener"
        case .listenersInOnePlace(let place): "two listeners have the same place, \(place)"
        case .bufferSmallerThanBody(let buffered, let body):
            "maximumBufferedBytes must be at least maximumBodyBytes (\(body)), found \(buffered)"
        }
    }
}
