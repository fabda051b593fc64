import ArgumentParser
import Foundation
import HTTPServer

/// Where the server listens.
struct ListenOptions: ParsableArguments {
    @Option(
        help: """
            The address to listen on; 0.0.0.0 or :: for all. Sockets that are inherited (LISTEN_FDS) take the place of it and of \
            the port.
            """)
    var host = "127.0.0.1"

    @Option(help: "The port to listen on; 0 takes a free one.")
    var port = 8080

    @Option(
        help: ArgumentHelp(
            """
            A Unix socket to listen on too, in a folder for sockets alone that is there, for clients or a proxy on this machine; \
            they need keys as elsewhere. This user and its group may connect (mode 0660).
            """,
            valueName: "path"))
    var unixSocket: String?

    @Option(
        help: ArgumentHelp(
            """
            Where alone routes for operators are served, and all others too: HOST:PORT, or unix:PATH, where no key is needed: \
            who may open the file may do everything. Default: where all are.
            """, valueName: "address"), transform: AdminAddress.argument)
    var adminListen: AdminAddress?

    @Flag(
        inversion: .prefixedNo,
        help: """
            Share the port with a server that stops (SO_REUSEPORT), and take its Unix sockets' places: both listen until the \
            old one has answered what it has (with --store-wait).
            """)
    var reusePort = false

    func validate() throws {
        guard (0...65535).contains(port) else { throw ValidationError("--port must be from 0 to 65535, found \(port)") }
        guard !["", "[]"].contains(host) else {
            throw ValidationError("--host must be an address or a name, found '\(host)'")
        }
        try checkPath("--unix-socket", unixSocket)
        try checkPath("--admin-listen", adminListen?.path)
    }

    /// Whether the kernel takes the path of a Unix socket, and where servers are to follow one another also that of the next
    /// server's, ending in `.next`.
    private func checkPath(_ option: String, _ path: String?) throws {
        guard let path else { return }
        let longest = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1 - (reusePort ? ".next".utf8.count : 0)
        let bytes = path.utf8
        guard (1...longest).contains(bytes.count), !bytes.contains(0) else {
            throw ValidationError(
                "\(option) must have a path of 1 to \(longest) bytes\(reusePort ? " with --reuse-port" : "") and no NUL, "
                    + "found \(bytes.count) bytes: '\(path.printable)'")
        }
    }

    /// Sockets that are inherited take the place of --host and --port, which always have a value. Unix sockets are
    /// not encrypted: nobody listens on their way.
    func listeners(_ inherited: ActivatedSockets, _ tls: TLSConfiguration?) throws -> [Listener] {
        var listeners = inherited.sockets.map { socket in
            Listener(
                .inherited(descriptor: socket.descriptor), name: socket.name, tls: socket.isUnix ? nil : tls)
        }
        let names = Set(inherited.sockets.map(\.name))
        guard names != ["admin"] else {
            throw CommandError("of the inherited sockets one must be called 'public', found only 'admin'")
        }
        if names.contains("admin"), adminListen != nil {
            throw CommandError("--admin-listen is for a socket called 'admin', but one is inherited already")
        }
        if names.isEmpty {
            // An IPv6 address as it is written in a URL.
            let host = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
            if case .tcp(let other, port) = adminListen?.endpoint, port != 0, Self.areOne(host, other) {
                throw SettingError("--admin-listen and --port have the same port, \(port): give one of them another")
            }
            listeners.append(Listener(.tcp(host: host, port: port), reusesPort: reusePort, tls: tls))
        }
        if let unixSocket { listeners.append(Listener(.unix(path: unixSocket), reusesPort: reusePort)) }
        if !names.contains("admin"), let adminListen {
            listeners.append(
                Listener(
                    adminListen.endpoint, name: "admin", reusesPort: reusePort, tls: adminListen.path == nil ? tls : nil
                ))
        }
        return listeners
    }

    /// Whether two sockets of the same port could not listen on these hosts; with --reuse-port they could, and the kernel would
    /// take the one for the other.
    private static func areOne(_ host: String, _ other: String) -> Bool {
        host == other || [host, other].contains { ["0.0.0.0", "::"].contains($0) }
    }
}

/// `127.0.0.1:9090`, `[::1]:9090` or `unix:/run/martlet/admin.sock`.
struct AdminAddress {
    let endpoint: Listener.Endpoint

    /// Of a Unix socket.
    var path: String? { if case .unix(let path) = endpoint { path } else { nil } }

    static func argument(_ text: String) throws -> AdminAddress {
        guard let address = AdminAddress(text) else {
            throw ValidationError("expected HOST:PORT, [IPv6]:PORT or unix:PATH")
        }
        return address
    }

    private init?(_ argument: String) {
        if let path = argument.wholeMatch(of: /unix:(.+)/)?.1 {
            endpoint = .unix(path: String(path))
        } else if let match = argument.wholeMatch(
            of: /(?:\[(?<v6>[0-9a-fA-F:.%\w]+)\]|(?<host>[^:]+)):(?<port>[0-9]{1,5})/),
            let port = Int(match.port), port <= 65535
        {
            endpoint = .tcp(host: String(match.v6 ?? match.host ?? ""), port: port)
        } else {
            return nil
        }
    }
}
