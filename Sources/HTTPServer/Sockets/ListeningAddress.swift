import Foundation

/// An address as the kernel takes it.
struct ListeningAddress {
    let family: Int32
    let bytes: [UInt8]

    init(family: Int32, bytes: [UInt8]) {
        (self.family, self.bytes) = (family, bytes)
    }

    /// - Parameter path: no longer than ``UnixSocketFile/maximumPathBytes``, so that the kernel's structure holds it.
    init(unixPath path: String) {
        family = AF_UNIX
        bytes = unsafe withUnsafeBytes(of: sa_family_t(AF_UNIX)) { unsafe Array($0) } + Array(path.utf8) + [0]
    }

    /// All addresses of `host`, in the order in which the system would have them tried (RFC 6724).
    static func resolve(host: String, port: Int) throws(SocketError) -> [ListeningAddress] {
        // getaddrinfo would cut the number to 16 bits.
        guard (0...65_535).contains(port) else {
            throw .failed(call: "bind", host: host, port: port, reason: "ports are from 0 to 65535")
        }
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        var results: UnsafeMutablePointer<addrinfo>?
        let status = unsafe getaddrinfo(host, String(port), &hints, &results)
        guard status == 0, let first = unsafe results else {
            throw .unknownHost(host, reason: unsafe String(cString: gai_strerror(status)))
        }
        defer { unsafe freeaddrinfo(first) }
        var addresses: [ListeningAddress] = []
        var next: UnsafeMutablePointer<addrinfo>? = unsafe first
        while let result = unsafe next {
            let bytes = unsafe UnsafeRawBufferPointer(
                start: result.pointee.ai_addr, count: Int(result.pointee.ai_addrlen))
            addresses.append(ListeningAddress(family: unsafe result.pointee.ai_family, bytes: unsafe Array(bytes)))
            unsafe next = result.pointee.ai_next
        }
        return addresses
    }

    /// Binds a socket to the address; false, with `errno`, where that fails.
    func bind(_ descriptor: Int32) -> Bool {
        unsafe call { unsafe Foundation.bind(descriptor, $0, $1) }
    }

    /// Connects a socket to the address; false, with `errno`, where that fails.
    func connect(_ descriptor: Int32) -> Bool {
        unsafe call { unsafe Foundation.connect(descriptor, $0, $1) }
    }

    private func call(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Bool {
        unsafe bytes.withUnsafeBytes { bytes in
            guard let address = bytes.baseAddress else { return false }
            return unsafe body(address.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count)) == 0
        }
    }
}
