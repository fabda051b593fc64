import HTTPServer
import Synchronization
import TestSupport
import Testing

extension SocketTests {
    /// A server whose requests may hold 1 MB of content together, and a single one as much.
    struct BudgetTests {
        private func withBudget(
            of budget: Int = 1_000_000,
            handler: @escaping Handler = { Response(body: Array("\($0.body.count)".utf8)) },
            _ body: (HTTPServer, Int) async throws -> Void
        ) async throws {
            try await withServer(
                { ($0.maximumBodyBytes, $0.maximumBufferedBytes) = (budget, budget) }, handler: handler, body)
        }

        private func begin(_ length: Int, sending count: Int, _ client: Client) async throws {
            try await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\r\n")
            try await client.send([UInt8](repeating: 0, count: count))
        }

        private func expectRefusal(_ client: Client) async throws {
            let answer = try await client.rest()
            #expect(answer.hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"), "\(answer)")
            #expect(answer.contains("\r\nRetry-After: 1\r\n") && answer.contains("\r\nConnection: close\r\n"))
        }

        /// Whether a body that needs the whole budget is taken.
        private func isAllFree(_ port: Int) async throws -> Bool {
            for _ in 0..<1000 {
                let client = try Client(port: port)
                try await begin(1_000_000, sending: 1_000_000, client)
                if try await client.response().hasPrefix("HTTP/1.1 200 ") { return true }
                try await Task.sleep(for: .milliseconds(5))
            }
            return false
        }

        @Test func `A body that does not fit beside the others is refused with 503; the others go on`() async throws {
            try await withBudget { server, port in
                let (first, second) = (try Client(port: port), try Client(port: port))
                try await begin(700_000, sending: 699_999, first)
                try await Task.sleep(for: .milliseconds(50))
                try await begin(700_000, sending: 500_000, second)
                try await expectRefusal(second)
                try await first.send([0])
                #expect(try await first.content() == "700000")
                #expect(try await isAllFree(port))
            }
        }

        @Test func `Chunks count as they arrive`() async throws {
            try await withBudget { _, port in
                let (other, client) = (try Client(port: port), try Client(port: port))
                try await begin(2, sending: 1, other)
                try await Task.sleep(for: .milliseconds(50))
                try await client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nf423f\r\n")
                try await client.send([UInt8](repeating: 0, count: 999_999))
                try await client.send("\r\n1\r\n!")
                try await expectRefusal(client)
                try await other.send([0])
                #expect(try await other.content() == "2")
                #expect(try await isAllFree(port))
            }
        }

        @Test func `A large body without room is refused by its announcement, before it is sent`() async throws {
            try await withBudget(of: 1_048_577) { _, port in
                let (other, client) = (try Client(port: port), try Client(port: port))
                try await begin(2, sending: 1, other)
                try await Task.sleep(for: .milliseconds(50))
                try await client.send(
                    "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1048577\r\n\r\n")
                try await expectRefusal(client)
                withExtendedLifetime(other) {}
            }
        }

        @Test func `An announcement alone takes nothing from the others`() async throws {
            try await withBudget { _, port in
                let client = try Client(port: port)
                try await begin(1_000_000, sending: 0, client)
                #expect(try await isAllFree(port))
                withExtendedLifetime(client) {}
            }
        }

        @Test func `What a handler works on counts until it has answered`() async throws {
            let isOpen = Atomic(false)
            let handler: Handler = { request in
                while request.head.path == "/slow", !isOpen.load(ordering: .relaxed) {
                    try? await Task.sleep(for: .milliseconds(2))
                }
                return Response(body: Array("\(request.body.count)".utf8))
            }
            try await withBudget(handler: handler) { _, port in
                let (slow, second) = (try Client(port: port), try Client(port: port))
                try await slow.send("POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 600000\r\n\r\n")
                try await slow.send([UInt8](repeating: 0, count: 600_000))
                try await Task.sleep(for: .milliseconds(50))
                try await begin(600_000, sending: 600_000, second)
                try await expectRefusal(second)
                isOpen.store(true, ordering: .relaxed)
                #expect(try await slow.content() == "600000")
                #expect(try await isAllFree(port))
            }
        }

        @Test func `A body that has been arriving for long gives way to one that has no room`() async throws {
            try await withServer(
                {
                    ($0.maximumBodyBytes, $0.maximumBufferedBytes, $0.bodyTimeout) = (
                        1_000_000, 1_000_000, .milliseconds(200)
                    )
                    $0.minimumBodyRate = 1
                }, handler: { Response(body: Array("\($0.body.count)".utf8)) }
            ) { server, port in
                let slow = try Client(port: port)
                try await begin(700_000, sending: 690_000, slow)
                let drops = Task {
                    for _ in 0..<1000 where !Task.isCancelled {
                        try? await slow.send([0])
                        try? await Task.sleep(for: .milliseconds(10))
                    }
                }
                #expect(try await isAllFree(port))
                drops.cancel()
                await drops.value
                #expect(await eventually { server.openConnections == 0 })
                #expect((server.statistics.refused[.buffersFull] ?? 0) > 0)
            }
        }

        @Test func `A client that leaves in the middle of a body gives its part back`() async throws {
            try await withBudget { server, port in
                var client: Client? = try Client(port: port)
                if let client { try await begin(700_000, sending: 600_000, client) }
                client = nil
                #expect(await eventually { server.openConnections == 0 })
                #expect(try await isAllFree(port))
            }
        }
    }
}
