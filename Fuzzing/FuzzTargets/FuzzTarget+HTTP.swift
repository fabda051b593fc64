import HTTPServer
import HTTPTypes

extension FuzzTarget {
    /// A connection's stream of requests, which must mean the same however it is cut.
    static func readStream(_ bytes: [UInt8]) {
        for isSecure in [false, true] {
            let whole = Reading(bytes, pieces: [bytes.count], isSecure: isSecure)
            for request in whole.requests { check(request, isSecure: isSecure) }
            // Where the cuts fall follows from the bytes themselves, so that an input always does the same.
            for pieces in [[1], bytes.prefix(3).map { Int($0) + 1 }] {
                let other = Reading(bytes, pieces: pieces, isSecure: isSecure)
                guard other == whole else { fatalError("cut by \(pieces) it is \(other), else \(whole)") }
            }
        }
    }

    private static let limits: HTTPServerConfiguration = {
        var limits = HTTPServerConfiguration()
        (limits.maximumHeadBytes, limits.maximumFieldCount, limits.maximumBodyBytes) = (512, 8, 256)
        return limits
    }()

    private struct Reading: Equatable {
        var requests: [ParsedRequest] = []
        var refusal: ProtocolError?
        /// Of those that were not refused.
        var unread = 0

        /// - Parameters:
        ///   - pieces: how many bytes come at once, in turn.
        ///   - isSecure: whether they come encrypted.
        init(_ bytes: [UInt8], pieces: [Int], isSecure: Bool) {
            var parser = RequestParser(limits: FuzzTarget.limits, isSecure: isSecure)
            var heads = RecentHeads()
            var (rest, turn) = (bytes[...], 0)
            do {
                while !rest.isEmpty, !pieces.isEmpty {
                    let piece = rest.prefix(pieces[turn % pieces.count])
                    rest = rest.dropFirst(piece.count)
                    turn += 1
                    parser.append(piece)
                    reading: while true {
                        switch try parser.next(&heads) {
                        case .incomplete: break reading
                        case .content: continue
                        case .request(let request): requests.append(request)
                        }
                    }
                }
                unread = parser.bufferedBytes
            } catch {
                refusal = error
            }
        }
    }

    private static func check(_ request: ParsedRequest, isSecure: Bool) {
        let (head, path) = (request.head, request.head.path ?? "")
        let segments = path.prefix { $0 != "?" }.split(separator: "/").map { percentDecodedDots($0) }
        let isBounded =
            request.body.count <= limits.maximumBodyBytes && head.headerFields.count <= limits.maximumFieldCount
        let values = head.headerFields.map(\.value) + [path, head.authority ?? ""]
        guard isBounded, head.scheme == (isSecure ? "https" : "http"),
            path.hasPrefix("/") || (path == "*" && head.method == .options),
            !segments.contains("."), !segments.contains(".."),
            values.allSatisfy({ $0.utf8.allSatisfy { $0 != 10 && $0 != 13 && $0 != 0 } })
        else { fatalError("a request that no server may see: \(request)") }
    }

    private static func percentDecodedDots(_ segment: Substring) -> String {
        segment.lowercased().replacing("%2e", with: ".")
    }
}
