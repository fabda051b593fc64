import Foundation

/// Why the server could not listen.
public enum SocketError: Error, Equatable, CustomStringConvertible {
    case unknownHost(String, reason: String)
    case addressInUse(host: String, port: Int)
    case notPermitted(host: String, port: Int)
    case failed(call: String, host: String, port: Int, reason: String)
    /// There is nothing to wait for connections with.
    case noPoller(reason: String)
    case tooFewDescriptors(limit: Int, needed: Int)
    case pathTooLong(String, maximum: Int)
    case pathInUse(String)
    case notASocket(path: String)
    case pathFailed(call: String, path: String, reason: String)
    case notInherited(descriptor: Int32, reason: String)

    public var description: String {
        switch self {
        case .unknownHost(let host, let reason): "'\(host)' is not an address of this machine: \(reason)"
        case .addressInUse(_, let port): "port \(port) is in use by another process; choose another port"
        case .notPermitted(let host, let port):
            "port \(port) of \(host) may not be used by this user; ports from 1024 on may"
        case .noPoller(let reason): "cannot wait for connections: \(reason)"
        case .tooFewDescriptors(let limit, let needed):
            "the process may have \(limit) open files, and needs \(needed) to serve one connection (ulimit -n)"
        case .failed(let call, let host, let port, let reason):
            "cannot listen on \(host) port \(port): \(call): \(reason)"
        case .pathTooLong(let path, let maximum):
            "the path of a Unix socket must have from 1 to \(maximum) bytes and no NUL, found \(path.utf8.count): '\(path)'"
        case .pathInUse(let path): "another process listens on unix:\(path); end it, or choose another path"
        case .notASocket(let path): "cannot listen on unix:\(path): the file there is not a socket, and is not replaced"
        case .pathFailed(let call, let path, let reason): "cannot listen on unix:\(path): \(call): \(reason)"
        case .notInherited(let descriptor, let reason):
            "descriptor \(descriptor) is not a listening socket to inherit: \(reason)"
        }
    }

    init(_ call: String, _ number: Int32, host: String, port: Int) {
        switch number {
        case EADDRINUSE: self = .addressInUse(host: host, port: port)
        case EACCES, EPERM: self = .notPermitted(host: host, port: port)
        default: self = .failed(call: call, host: host, port: port, reason: Self.reason(number))
        }
    }

    init(_ call: String, _ number: Int32, path: String) {
        var reason = Self.reason(number)
        if number == ENOENT {
            reason += "; make the folder first: mkdir -p \((path as NSString).deletingLastPathComponent)"
        }
        self = .pathFailed(call: call, path: path, reason: reason)
    }

    static func reason(_ number: Int32) -> String { unsafe String(cString: strerror(number)) }
}
