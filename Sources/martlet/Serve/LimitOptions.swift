import ArgumentParser
import HTTPServer
import Imaging
import MartletAPI

/// How much the server takes on.
struct LimitOptions: ParsableArguments {
    private static let http = HTTPServerConfiguration()

    @Option(help: ArgumentHelp("Megabytes that the body of one request may have.", valueName: "MB"))
    var maxBodySize = http.maximumBodyBytes >> 20

    @Option(
        help: ArgumentHelp(
            "Megabytes that the bodies of all requests in progress may have together; beyond, they are refused with 503.",
            valueName: "MB"))
    var maxBuffered = http.maximumBufferedBytes >> 20

    @Option(help: ArgumentHelp("Kilobytes that a request's line and header fields may have.", valueName: "kB"))
    var maxHeaderSize = http.maximumHeadBytes >> 10

    @Option(help: ArgumentHelp("Header fields that a request may have.", valueName: "n"))
    var maxHeaderFields = http.maximumFieldCount

    @Option(help: ArgumentHelp("Images that one request may carry.", valueName: "n"))
    var maxImages = MartletAPI.defaultImageLimit

    @Option(help: ArgumentHelp("Millions of pixels that one image may have.", valueName: "MP"))
    var maxPixels = ImageLimits().maximumPixels / 1_000_000

    @Option(
        help: ArgumentHelp("Connections that may be open at once; further clients wait to be accepted.", valueName: "n")
    )
    var maxConnections = http.maximumConnections

    @Option(
        help: ArgumentHelp(
            """
            Connections that one client address may have open at once, further ones are refused with 503; an IPv6 network of 64 \
            bits is one address. Those of this machine by 127.0.0.0/8 and ::1 are not counted, for a proxy may be there. 0: no \
            limit, as behind a proxy elsewhere.
            """,
            valueName: "n"))
    var maxConnectionsPerAddress = http.maximumConnectionsPerAddress

    @Option(help: ArgumentHelp("TLS handshakes that may be in progress at once.", valueName: "n"))
    var maxHandshakes = http.maximumHandshakes

    @Option(help: ArgumentHelp("Seconds that a TLS handshake may take.", valueName: "s"))
    var handshakeTimeout = http.handshakeTimeout / .seconds(1)

    @Option(help: ArgumentHelp("Seconds from a request's first byte to the end of its header.", valueName: "s"))
    var headerTimeout = http.headTimeout / .seconds(1)

    @Option(help: ArgumentHelp("The longest pause within a request's body, in seconds.", valueName: "s"))
    var bodyTimeout = http.bodyTimeout / .seconds(1)

    @Option(
        help: ArgumentHelp(
            "The fewest bytes of a body a second, on average, once the body's time-out has passed.", valueName: "B/s"))
    var minBodyRate = http.minimumBodyRate

    @Option(help: ArgumentHelp("Seconds that a connection stays open without a request.", valueName: "s"))
    var idleTimeout = http.idleTimeout / .seconds(1)

    @Option(help: ArgumentHelp("Seconds that a client may take nothing of its answer.", valueName: "s"))
    var writeTimeout = http.writeTimeout / .seconds(1)

    @Option(
        help: ArgumentHelp(
            "The fewest bytes of its answer a second that a client takes, on average, once that time-out has passed.",
            valueName: "B/s"))
    var minWriteRate = http.minimumWriteRate

    func validate() throws {
        try Self.check("max-body-size", maxBodySize, 1...1 << 20, "megabytes")
        guard (maxBodySize...1 << 30).contains(maxBuffered) else {
            throw ValidationError(
                "--max-buffered must be from --max-body-size (\(maxBodySize)) to \(1 << 30) megabytes, found \(maxBuffered)"
            )
        }
        try Self.check("max-header-size", maxHeaderSize, 1...1024, "kilobytes")
        try Self.check("max-header-fields", maxHeaderFields, 8...10_000)
        try Self.check("max-images", maxImages, 1...4096)
        try Self.check("max-pixels", maxPixels, 1...1_000, "million")
        try Self.check("max-connections", maxConnections, 1...1_000_000)
        try Self.check("max-connections-per-address", maxConnectionsPerAddress, 0...1_000_000)
        try Self.check("max-handshakes", maxHandshakes, 1...1_000_000)
        for (name, seconds) in [
            ("handshake-timeout", handshakeTimeout),
            ("header-timeout", headerTimeout), ("body-timeout", bodyTimeout), ("idle-timeout", idleTimeout),
            ("write-timeout", writeTimeout),
        ] { try Self.check(name, seconds, 0.1...86_400, "seconds") }
        try Self.check("min-body-rate", minBodyRate, 0...1 << 30)
        try Self.check("min-write-rate", minWriteRate, 0...1 << 30)
    }

    private static func check<Value>(
        _ name: String, _ value: Value, _ range: ClosedRange<Value>, _ unit: String = ""
    ) throws {
        guard !range.contains(value) else { return }
        let unit = unit.isEmpty ? "" : " \(unit)"
        throw ValidationError(
            "--\(name) must be from \(range.lowerBound) to \(range.upperBound)\(unit), found \(value)")
    }

    var images: ImageLimits { ImageLimits(maximumPixels: maxPixels * 1_000_000) }

    func apply(to configuration: inout HTTPServerConfiguration) {
        configuration.maximumBodyBytes = maxBodySize << 20
        configuration.maximumBufferedBytes = maxBuffered << 20
        configuration.maximumHeadBytes = maxHeaderSize << 10
        configuration.maximumFieldCount = maxHeaderFields
        configuration.maximumConnections = maxConnections
        configuration.maximumConnectionsPerAddress = maxConnectionsPerAddress
        configuration.maximumHandshakes = maxHandshakes
        configuration.handshakeTimeout = .seconds(handshakeTimeout)
        configuration.headTimeout = .seconds(headerTimeout)
        configuration.bodyTimeout = .seconds(bodyTimeout)
        configuration.minimumBodyRate = minBodyRate
        configuration.idleTimeout = .seconds(idleTimeout)
        configuration.writeTimeout = .seconds(writeTimeout)
        configuration.minimumWriteRate = minWriteRate
    }
}
