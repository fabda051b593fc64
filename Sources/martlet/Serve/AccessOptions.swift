import ArgumentParser
import HTTPServer
import Logging
import MartletAPI

/// Who may ask the server, and how often.
struct AccessOptions: ParsableArguments {
    @OptionGroup var keyOptions: KeyOptions

    @Option(
        help: ArgumentHelp(
            """
            Requests that each client address may send while there are no keys, as 10/s, 600/m or 5000/h; so many may come \
            at once. An IPv6 network of 64 bits is one address, and so are all who come by a proxy: limit them there. Keys have rates \
            of their own instead ('martlet keys add --rate'). Default: no limit.
            """, valueName: "rate"), transform: Rate.argument)
    var rateLimit: Rate?

    @Option(
        help: ArgumentHelp(
            """
            A web origin whose pages may ask this server, such as https://example.com; once for each, * for all. Such a page \
            may do what everybody may: use keys where strangers' pages are not trusted. Default: none.
            """, valueName: "origin"))
    var corsOrigin: [String] = []

    @Option(
        help: ArgumentHelp(
            """
            A host name by which this server may be asked, once for each; by numeric addresses and as localhost it always may. \
            Default: any name, but none from this machine while there are no keys, so that web pages cannot reach it by DNS \
            rebinding.
            """, valueName: "name"))
    var allowedHost: [String] = []

    func validate() throws {
        if let text = corsOrigin.first(where: { !CrossOrigin.isOrigin($0) }) {
            throw ValidationError(
                "--cors-origin must be * or an origin as browsers send it, like https://example.com or "
                    + "http://localhost:3000, found '\(text)'")
        }
        // As browsers send it: names of other scripts in their ASCII form.
        let name = /[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*/
        if let text = allowedHost.first(where: { $0.wholeMatch(of: name) == nil }) {
            throw ValidationError(
                "--allowed-host must be a host name without a port, of letters, digits, '-', '_' and dots between, "
                    + "found '\(text)'")
        }
    }

    /// The keys, in force once their file is there.
    func keyRing(beside store: String, logger: Logger) throws -> KeyRing {
        try KeyRing(keyOptions.file(beside: store), isRequired: keyOptions.keys != nil, logger: logger)
    }

    /// Warns where what looks like a limit is none.
    func warnOfUnusedRate(_ keys: KeyRing, logger: Logger) {
        guard rateLimit != nil, keys.isInForce else { return }
        logger.warning(
            "--rate-limit is without effect, for there are keys: 'martlet keys add --rate' limits each of them")
    }

    func access(_ keys: KeyRing, _ listeners: [Listener]) -> Access {
        Access(
            keys: keys, listeners: listeners, rateLimit: rateLimit, crossOrigin: CrossOrigin(corsOrigin),
            hosts: allowedHost)
    }
}

extension Rate {
    static func argument(_ text: String) throws -> Rate {
        guard let rate = Rate(text) else {
            throw ValidationError("expected a count for each s, m or h, such as 10/s, 600/m or 5000/h")
        }
        return rate
    }
}

extension KeyRing {
    /// Warns where strangers may ask for everything.
    func warnIfOpen(_ address: SocketAddress, logger: Logger) {
        guard !isInForce, !address.isLocal else { return }
        logger.warning(
            """
            everybody who reaches \(address) can use and teach this server, for there are no keys: \
            'martlet keys add NAME --scope infer --keys \(file.path.quotedForShell)' makes the first
            """)
    }
}
