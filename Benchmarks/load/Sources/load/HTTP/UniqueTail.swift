/// Bytes after an image that make a request's content one that no other request of this or another run has.
struct UniqueTail {
    static let length = 16

    /// Drawn once a run, because a server's cache may hold the answers of the run before.
    private static let run = UInt64.random(in: 0...UInt64.max)

    /// ``length`` bytes; none where requests are to be the same.
    private(set) var bytes: [UInt8] = []
    private var number: UInt64

    init(_ worker: Int, isUnique: Bool) {
        number = UInt64(worker) << 40
        if isUnique { bytes = withUnsafeBytes(of: Self.run, Array.init) + [UInt8](repeating: 0, count: 8) }
    }

    /// Goes on to the next request's.
    mutating func advance() {
        guard !bytes.isEmpty else { return }
        number += 1
        for byte in 0..<8 { bytes[8 + byte] = UInt8(truncatingIfNeeded: number >> (8 * byte)) }
    }
}
