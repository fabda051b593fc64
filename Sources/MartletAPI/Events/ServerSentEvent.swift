/// One event of a `text/event-stream` (WHATWG HTML, §9.2).
struct ServerSentEvent: Sendable {
    static let mediaType = "text/event-stream"

    /// A comment, which clients ignore: shows that the connection is alive, also to proxies between (§9.2.7).
    static let keepAlive = Array(":\n\n".utf8)

    /// What a client that comes back says it has seen; `nil` leaves that as it is.
    var id: Int?
    /// The event's type; a line end in it is left out, since it would begin another field.
    var event: String
    var data: [UInt8]

    /// How the event is sent: each line of its data, whatever ends it, is a field of its own.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(data.count + event.utf8.count + 64)
        if let id { bytes.append(contentsOf: "id: \(id)\n".utf8) }
        bytes.append(contentsOf: "event: ".utf8)
        bytes.append(contentsOf: event.utf8.filter { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") })
        bytes.append(contentsOf: "\ndata: ".utf8)
        var follows: UInt8 = 0
        for byte in data {
            switch byte {
            case UInt8(ascii: "\n") where follows == UInt8(ascii: "\r"): break
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"): bytes.append(contentsOf: "\ndata: ".utf8)
            default: bytes.append(byte)
            }
            follows = byte
        }
        bytes.append(contentsOf: "\n\n".utf8)
        return bytes
    }
}
