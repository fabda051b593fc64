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
            at once. An IPv6 network of 64 bits is one address. Keys have rates of their own. Default: no limit.
            """, valueName: "rate"))
    var rateLimit: Rate?

    /// The keys, in force once their file is there.
    func keyRing(beside store: String, logger: Logger) throws -> KeyRing {
        try KeyRing(keyOptions.file(beside: store), isRequired: keyOptions.keys != nil, logger: logger)
    }

    func access(_ keys: KeyRing, logger: Logger) -> Access {
        Access(keys: keys, rateLimit: rateLimit, logger: logger)
    }
}

extension Rate: ExpressibleByArgument {}

extension KeyRing {
    /// Warns where strangers may ask for everything.
    func warnIfOpen(_ address: SocketAddress, logger: Logger) {
        let isLocal = address.host.hasPrefix("127.") || ["::1", "unix"].contains(address.host)
        guard !isInForce, !isLocal else { return }
        logger.warning(
            """
            everybody who reaches \(address) can use and teach this server, for there are no keys: \
            'martlet keys add NAME --scope infer' makes the first, in '\(file.path)'
            """)
    }
}
