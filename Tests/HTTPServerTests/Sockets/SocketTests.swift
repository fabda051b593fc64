import HTTPTypes
import Testing

@testable import HTTPServer

/// Tests of the whole server. One after another, so that their sockets can be counted.
@Suite(.serialized, .timeLimit(.minutes(2))) enum SocketTests {}

/// Answers with what was asked: `METHOD path content`.
@Sendable func echo(_ request: Request) async -> Response {
    let content = String(decoding: request.body, as: UTF8.self)
    return Response(body: Array("\(request.head.method.rawValue) \(request.head.path ?? "") \(content)".utf8))
}

/// Waits until `condition` holds; false when it does not within 10 seconds.
func eventually(_ condition: () -> Bool) async -> Bool {
    let end = ContinuousClock.now + .seconds(10)
    while !condition() {
        guard ContinuousClock.now < end, (try? await Task.sleep(for: .milliseconds(2))) != nil else { return false }
    }
    return true
}

extension Listener {
    /// On a port of this machine that is free.
    static let free = Listener(.tcp(host: "127.0.0.1", port: 0))
}

extension ConnectionLoop {
    /// As a server would make it by itself, to echo.
    convenience init(closed: @escaping @Sendable (IncomingConnection, CloseReason) -> Void) throws {
        let configuration = HTTPServerConfiguration()
        try self.init(
            name: "test", configuration: configuration, bodyBudget: ByteBudget(configuration), counters: Counters(),
            logger: LogRecord().logger, handler: echo, closed: closed)
    }
}

/// Runs `body` against a server on a free port, which it ends afterwards.
func withServer(
    _ configure: (inout HTTPServerConfiguration) -> Void = { _ in }, handler: @escaping Handler = echo,
    log: LogRecord = LogRecord(), _ body: (HTTPServer, Int) async throws -> Void
) async throws {
    var configuration = HTTPServerConfiguration(listeners: [.free])
    configure(&configuration)
    let server = HTTPServer(configuration: configuration, logger: log.logger, handler: handler)
    let port = try #require(try server.start().first).port ?? 0
    do {
        try await body(server, port)
    } catch {
        await server.stop(gracePeriod: .zero)
        throw error
    }
    await server.stop(gracePeriod: .zero)
}
