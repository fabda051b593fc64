/// Why a server cannot start as it is configured.
public enum ConfigurationError: Error, Equatable, CustomStringConvertible {
    /// A body that may be received would never fit.
    case bufferSmallerThanBody(maximumBufferedBytes: Int, maximumBodyBytes: Int)

    public var description: String {
        switch self {
        case .bufferSmallerThanBody(let buffered, let body):
            "maximumBufferedBytes must be at least maximumBodyBytes (\(body)), found \(buffered)"
        }
    }
}
