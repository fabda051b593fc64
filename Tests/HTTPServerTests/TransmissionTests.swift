import Foundation
import Testing

@testable import HTTPServer

struct TransmissionTests {
    /// Two ends of a connection over 127.0.0.1; the first does not block.
    private func connection() throws -> (Int32, Int32) {
        let listening = try ListeningSocket(.free)
        let port = try #require(listening.address.port)
        let address = try #require(ListeningAddress.resolve(host: "127.0.0.1", port: port).first)
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        try #require(address.connect(client))
        guard case .connection(let server, _) = listening.accept() else { throw CocoaError(.fileReadUnknown) }
        return (server, client)
    }

    @Test func `A client that takes a large answer as fast as it comes does not keep others waiting`() throws {
        let (server, client) = try connection()
        let count = 64 << 20
        let reader = Thread {
            var buffer = [UInt8](repeating: 0, count: 1 << 20)
            while read(client, &buffer, buffer.count) > 0 {}
            close(client)
        }
        reader.start()
        let socket = ConnectionSocket(descriptor: server, session: nil)
        var transmission = Transmission([1], [UInt8](repeating: 2, count: count))
        var (isDone, longest) = (false, 0)
        while !isDone {
            let start = transmission.sent
            switch transmission.proceed(on: socket) {
            case .done: isDone = true
            case .blocked: usleep(100)
            case .broken: Issue.record("the connection broke")
            }
            longest = max(longest, transmission.sent - start)
        }
        socket.close()
        #expect(transmission.sent == count + 1)
        #expect(longest <= 1_500_000)
    }
}
