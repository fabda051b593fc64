import Dispatch
import Foundation

/// The least that can be called a server on Dispatch: the same bytes for every empty line that arrives. No parsing, no
/// time-outs, no limits; what it costs to receive and send is the floor of any server's cost.
@main
enum Bare {
    private static let answer = Array(
        "HTTP/1.1 200 OK\r\nContent-Length: 17\r\nContent-Type: application/json\r\n\r\n{\"status\":\"live\"}".utf8)

    static func main() {
        guard CommandLine.arguments.count == 2, let port = UInt16(CommandLine.arguments[1]) else {
            fatalError("expected a port")
        }
        signal(SIGPIPE, SIG_IGN)
        let listener = listen(on: port)
        let queues = (0..<ProcessInfo.processInfo.activeProcessorCount).map { DispatchQueue(label: "loop \($0)") }
        let source = DispatchSource.makeReadSource(
            fileDescriptor: listener, queue: DispatchQueue(label: "accept"))
        var next = 0
        source.setEventHandler {
            while case let client = accept(listener, nil, nil), client >= 0 {
                serve(client, on: queues[next % queues.count])
                next += 1
            }
        }
        source.resume()
        dispatchMain()
    }

    private static func listen(on port: UInt16) -> Int32 {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        var one: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0, Foundation.listen(listener, 1024) == 0 else { fatalError("cannot listen on port \(port)") }
        return listener
    }

    private static func serve(_ client: Int32, on queue: DispatchQueue) {
        _ = fcntl(client, F_SETFL, O_NONBLOCK)
        var one: Int32 = 1
        setsockopt(client, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        let size = 16 << 10
        let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: size)
        let source = DispatchSource.makeReadSource(fileDescriptor: client, queue: queue)
        source.setEventHandler {
            let count = read(client, buffer, size)
            guard count > 0 else {
                if count == 0 || errno != EAGAIN { source.cancel() }
                return
            }
            for index in 3..<max(3, count) where buffer[index] == 10 && buffer[index - 1] == 13 {
                guard buffer[index - 2] == 10, buffer[index - 3] == 13 else { continue }
                _ = answer.withUnsafeBytes { write(client, $0.baseAddress, $0.count) }
            }
        }
        source.setCancelHandler {
            close(client)
            buffer.deallocate()
        }
        source.resume()
    }
}
