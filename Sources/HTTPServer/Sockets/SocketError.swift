import Foundation

/// Why the server could not listen.
public enum SocketError: Error, CustomStringConvertible {
    case unknownHost(String, reason: String)
    case addressInUse(host: String, port: Int)
    case notPermitted(host: String, port: Int)
    case failed(call: String, host: String, port: Int, reason: String)

    public var description: String {
        switch self {
        case .unknownHost(let host, let reason): "'\(host)' is not an address of this machine: \(reason)"
        case .addressInUse(_, let port): "port \(port) is in use by another process; choose another port"
        case .notPermitted(let host, let port):
            "port \(port) of \(host) may not be used by this user; ports from 1024 on may"
        case .failed(let call, let host, let port, let reason):
            "cannot listen on \(host) port \(port): \(call): \(reason)"
        }
    }

    init(_ call: String, _ number: Int32, host: String, port: Int) {
        switch number {
        case EADDRINUSE: self = .addressInUse(host: host, port: port)
        case EACCES, EPERM: self = .notPermitted(host: host, port: port)
        default: self = .failed(call: call, host: host, port: port, reason: unsafe String(cString: strerror(number)))
        }
    }
}
