import Foundation

/// Who listens on one address and port (`SO_REUSEPORT`), by the inodes of their sockets: proc(5), /proc/net/tcp.
enum PortListeners {
    /// A line of the table has about 150 bytes.
    private static let maximumLineBytes = 1 << 10
    private static let listening = "0A"

    /// Those besides the socket itself; `nil` where the kernel does not say.
    static func others(besides descriptor: Int32, family: Int32) -> Set<UInt64>? {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { return nil }
        let own = UInt64(status.st_ino)
        var (address, found): (Substring?, [(address: Substring, inode: UInt64)]) = (nil, [])
        let isRead = forEachListener(in: family == AF_INET6 ? "/proc/self/net/tcp6" : "/proc/self/net/tcp") {
            if $1 == own { address = $0 } else { found.append(($0, $1)) }
        }
        guard isRead, let address else { return nil }
        return Set(found.lazy.filter { $0.address == address }.map(\.inode))
    }

    /// The table begins with the sockets that listen; connections, of which there may be many, follow.
    private static func forEachListener(in path: String, _ body: (Substring, UInt64) -> Void) -> Bool {
        guard let file = FileHandle(forReadingAtPath: path) else { return false }
        var (rest, isHead) = ("", true)
        while let bytes = try? file.read(upToCount: 16 << 10), !bytes.isEmpty {
            rest += String(decoding: bytes, as: UTF8.self)
            while let end = rest.firstIndex(of: "\n") {
                let columns = rest[..<end].split(separator: " ")
                rest = String(rest[rest.index(after: end)...])
                if isHead {
                    isHead = false
                    continue
                }
                guard columns.count > 9, columns[3] == listening else { return true }
                if let inode = UInt64(columns[9]) { body(columns[1], inode) }
            }
            guard rest.utf8.count <= maximumLineBytes else { return false }
        }
        return !isHead
    }
}
