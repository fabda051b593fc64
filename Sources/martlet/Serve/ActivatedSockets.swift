import Foundation

/// The listening sockets that a supervisor has opened for this process (sd_listen_fds(3)): descriptors from 3 on, counted by
/// LISTEN_FDS, named by LISTEN_FDNAMES, and meant for the process of LISTEN_PID alone.
struct ActivatedSockets {
    struct Socket: Equatable {
        let descriptor: Int32
        let name: String

        /// Whether it is a Unix socket.
        var isUnix: Bool {
            var address = sockaddr()
            var length = socklen_t(MemoryLayout<sockaddr>.size)
            return getsockname(descriptor, &address, &length) == 0 && address.sa_family == sa_family_t(AF_UNIX)
        }
    }

    let sockets: [Socket]

    /// Takes the variables out of the environment, so that nobody else believes them.
    static func take() throws -> ActivatedSockets {
        let environment = ProcessInfo.processInfo.environment
        for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] { unsetenv(name) }
        return try ActivatedSockets(environment, process: getpid())
    }

    init(_ environment: [String: String], process: Int32) throws {
        guard let text = environment["LISTEN_FDS"], environment["LISTEN_PID"] == "\(process)" else {
            sockets = []
            return
        }
        guard let count = Int32(text), (1...64).contains(count) else {
            throw CommandError("LISTEN_FDS must be from 1 to 64, found '\(text)'")
        }
        let names = environment["LISTEN_FDNAMES"]?.split(separator: ":", omittingEmptySubsequences: false).map(
            String.init)
        guard names == nil || names?.count == Int(count) else {
            throw CommandError(
                "LISTEN_FDNAMES must have as many names as LISTEN_FDS (\(count)), found '\(names ?? [])'")
        }
        sockets = try (0..<count).map { index in
            let name = names?[Int(index)] ?? "public"
            guard ["public", "admin"].contains(name) else {
                throw CommandError(
                    "the inherited socket \(3 + index) must be called 'public' or 'admin', found '\(name)'; "
                        + "FileDescriptorName= of the socket unit names it")
            }
            return Socket(descriptor: 3 + index, name: name)
        }
    }
}
