import Foundation
import Synchronization

/// Tells a supervisor how the process does, where it wants to know (sd_notify(3)): a datagram to the socket that NOTIFY_SOCKET
/// names, whose `@` stands for the zero byte of an abstract one.
final class ServiceNotifier: Sendable {
    private let descriptor: Int32
    private let isStopping = Mutex(false)

    /// Connects at once: from the sandbox an abstract socket could no longer be reached.
    init(path: String? = ProcessInfo.processInfo.environment["NOTIFY_SOCKET"]) {
        descriptor = path.map(Self.connect) ?? -1
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    func ready() { send("READY=1\nSTATUS=Serving") }

    /// Followed by ``ready()`` when it is done.
    func reloading() {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        send("RELOADING=1\nMONOTONIC_USEC=\(time.tv_sec * 1_000_000 + time.tv_nsec / 1000)")
    }

    /// The last that it says.
    func stopping() { send("STOPPING=1\nSTATUS=Finishing the requests in flight", isLast: true) }

    /// Who does not listen misses it.
    private func send(_ state: String, isLast: Bool = false) {
        let wasStopping = isStopping.withLock { isStopping in
            defer { isStopping = isStopping || isLast }
            return isStopping
        }
        guard descriptor >= 0, !wasStopping else { return }
        _ = Array(state.utf8).withUnsafeBytes {
            Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
    }

    private static func connect(_ path: String) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var name = Array(path.utf8)
        guard let first = name.first, name.count < MemoryLayout.size(ofValue: address.sun_path) else { return -1 }
        if first == UInt8(ascii: "@") { name[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        // An abstract name ends with the address, not with a zero byte.
        let length = MemoryLayout<sa_family_t>.size + name.count
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Foundation.connect(descriptor, $0, socklen_t(length))
            }
        }
        if result == 0 { return descriptor }
        close(descriptor)
        return -1
    }
}
