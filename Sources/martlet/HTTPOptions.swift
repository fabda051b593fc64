import ArgumentParser
import HTTPServer

/// Where the server listens and how much it takes on.
struct HTTPOptions: ParsableArguments {
    @Option(help: "The address to listen on; 0.0.0.0 or :: for all.")
    var host = "127.0.0.1"

    @Option(help: "The port to listen on; 0 takes a free one.")
    var port = 8080

    @Option(help: ArgumentHelp("Megabytes that the body of one request may have.", valueName: "MB"))
    var maxBodySize = 64

    @Option(
        help: ArgumentHelp(
            "Megabytes that the bodies of all requests in progress may have together; beyond, they are refused with 503.",
            valueName: "MB"))
    var maxBuffered = 512

    @Option(
        help: ArgumentHelp("Connections that may be open at once; further clients wait to be accepted.", valueName: "n")
    )
    var maxConnections = 10_000

    func validate() throws {
        guard (0...65535).contains(port) else { throw ValidationError("--port must be from 0 to 65535, found \(port)") }
        guard (1...1 << 20).contains(maxBodySize) else {
            throw ValidationError("--max-body-size must be from 1 to \(1 << 20) megabytes, found \(maxBodySize)")
        }
        guard (maxBodySize...1 << 30).contains(maxBuffered) else {
            throw ValidationError(
                "--max-buffered must be from --max-body-size (\(maxBodySize)) to \(1 << 30) megabytes, found \(maxBuffered)"
            )
        }
        guard (1...1_000_000).contains(maxConnections) else {
            throw ValidationError("--max-connections must be from 1 to 1000000, found \(maxConnections)")
        }
    }

    /// - Parameter cores: what the process may use, which under a CPU quota is less than the machine has.
    func configuration(cores: Int) -> HTTPServerConfiguration {
        var configuration = HTTPServerConfiguration(host: host, port: port)
        configuration.maximumBodyBytes = maxBodySize << 20
        configuration.maximumBufferedBytes = maxBuffered << 20
        configuration.maximumConnections = maxConnections
        configuration.loops = cores
        return configuration
    }
}
