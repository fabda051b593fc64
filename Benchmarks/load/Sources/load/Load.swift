import ArgumentParser
import Glibc

/// Puts load on an image server and measures its answers.
///
/// Sockets block and every connection has a thread of its own: with two cores shared between this tool and the server,
/// what counts is that a request costs little here, which is one `writev` and as a rule one `recv`.
@main
struct Load: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Put load on an image server and measure its answers.",
        discussion: """
            Prints JSON on standard output and a line for people on standard error. Ends with 1 where a request got no \
            answer, and at once where an answer is not HTTP/1.1 with a Content-Length.
            """,
        subcommands: [ClosedCommand.self, OpenCommand.self, DisconnectCommand.self, ConsistentCommand.self])

    static func main() {
        // A server that closes a connection is met as EPIPE by the one that writes.
        signal(SIGPIPE, SIG_IGN)
        main(nil)
    }
}
