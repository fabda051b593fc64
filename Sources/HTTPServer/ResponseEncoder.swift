import Foundation
import HTTPTypes

/// Response heads in their wire format (RFC 9112 section 4), with a date that is made once a second.
struct ResponseEncoder {
    /// What becomes of the connection after the response (RFC 9112 section 9.3).
    enum Persistence {
        /// It goes on, as HTTP/1.1 does unless told otherwise.
        case implied
        /// It goes on, which a client of HTTP/1.0 must be told.
        case continues
        case ends
    }

    /// From the server's name to the date's end.
    private var standing: [UInt8] = []
    private var standingSecond = 0
    private static let ok = Array("HTTP/1.1 200 OK".utf8)

    /// The bytes before the content.
    ///
    /// - Parameter isChunked: whether a stream comes in chunks, which clients of HTTP/1.0 do not know.
    mutating func head(of response: Response, _ persistence: Persistence, isChunked: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(512)
        if response.status == .ok {
            bytes.append(contentsOf: Self.ok)
        } else {
            bytes.append(contentsOf: "HTTP/1.1 \(response.status.code) \(response.status.reasonPhrase)".utf8)
        }
        updateStanding()
        bytes.append(contentsOf: standing)
        // RFC 9110 section 8.6: no length where there can be no content.
        if response.allowsContent, response.stream == nil {
            bytes.append(contentsOf: "\r\nContent-Length: ".utf8)
            bytes.append(contentsOf: String(response.body.count).utf8)
        } else if response.allowsContent, isChunked {
            bytes.append(contentsOf: "\r\nTransfer-Encoding: chunked".utf8)
        }
        switch persistence {
        case .implied: break
        case .continues: bytes.append(contentsOf: "\r\nConnection: keep-alive".utf8)
        case .ends: bytes.append(contentsOf: "\r\nConnection: close".utf8)
        }
        bytes.append(contentsOf: response.encodedFields ?? Self.encoded(response.headerFields))
        bytes.append(contentsOf: "\r\n\r\n".utf8)
        return bytes
    }

    /// Each on a line of its own, with what ends the line before.
    static func encoded(_ fields: HTTPFields) -> [UInt8] {
        var bytes: [UInt8] = []
        for field in fields where !ownFields.contains(field.name) {
            bytes.append(contentsOf: "\r\n".utf8)
            bytes.append(contentsOf: field.name.rawName.utf8)
            bytes.append(contentsOf: ": ".utf8)
            bytes.append(contentsOf: field.value.utf8)
        }
        return bytes
    }

    /// What the server alone decides: these say where the response ends.
    private static let ownFields: [HTTPField.Name] = [.contentLength, .connection, .transferEncoding]

    /// RFC 9110 section 5.6.7: `Sun, 06 Nov 1994 08:49:37 GMT`.
    private mutating func updateStanding() {
        let now = time(nil)
        guard now != standingSecond else { return }
        standingSecond = now
        let parts = Self.calendar(now)
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let date =
            "\(days[Int(parts.tm_wday)]), \(two(parts.tm_mday)) \(months[Int(parts.tm_mon)]) \(parts.tm_year + 1900) "
            + "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) GMT"
        standing = Array("\r\nServer: martlet\r\nDate: \(date)".utf8)
    }

    private static func calendar(_ moment: time_t) -> (
        tm_wday: Int32, tm_mday: Int32, tm_mon: Int32, tm_year: Int32, tm_hour: Int32, tm_min: Int32, tm_sec: Int32
    ) {
        var (moment, parts) = unsafe (moment, tm())
        unsafe gmtime_r(&moment, &parts)
        return unsafe (
            parts.tm_wday, parts.tm_mday, parts.tm_mon, parts.tm_year, parts.tm_hour, parts.tm_min, parts.tm_sec
        )
    }
}
