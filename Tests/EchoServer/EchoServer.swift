import Foundation
import HTTPServer
import HTTPTypes
import Logging

/// Answers each request with a field that says how it was understood, `X-Echo: METHOD target length`, and what it refuses with
/// `X-Reason`. Prints its port, and ends when its input does.
@main
enum EchoServer {
    static func main() async throws {
        guard let echoField = HTTPField.Name("X-Echo"), let reasonField = HTTPField.Name("X-Reason") else { return }
        var configuration = HTTPServerConfiguration(listeners: [Listener(.tcp(host: "127.0.0.1", port: 0))])
        configuration.maximumBodyBytes = 1 << 20
        configuration.refusal = { error in
            Response(status: error.status, headerFields: [reasonField: error.reason.rawValue])
        }
        let logger = Logger(label: "echo") { _ in SwiftLogNoOpLogHandler() }
        let server = HTTPServer(configuration: configuration, logger: logger) { request in
            let head = request.head
            let echo = "\(head.method.rawValue) \(head.path ?? "") \(request.body.count)"
            return Response(headerFields: [echoField: echo])
        }
        let port = try server.start().first?.port ?? 0
        FileHandle.standardOutput.write(Data("\(port)\n".utf8))
        while readLine() != nil {}
        await server.stop(gracePeriod: .zero)
    }
}
