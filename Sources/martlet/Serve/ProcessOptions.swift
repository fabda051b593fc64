import ArgumentParser
import Logging

/// How the process starts, stops, and talks.
struct ProcessOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Seconds to go on serving when asked to stop, so that load balancers see in time that it is not ready.",
            valueName: "s"))
    var drainDelay = 0.0

    @Option(help: ArgumentHelp("Seconds to finish what is in flight when stopping.", valueName: "s"))
    var gracePeriod = 10

    @Option(
        help: ArgumentHelp(
            """
            Whether to give up what serving does not need (seccomp, Landlock, capabilities): files other than the models, the \
            keys, the certificates and the store, other programs, and once it listens all new sockets. on: as much as the \
            kernel has, with a warning where something is missing; required: not to start without all; off: nothing. Links \
            to models outside their folder are followed as they are at start.
            """))
    var sandbox = SandboxMode.on

    @Option(help: "How much to log on standard error; refused requests are logged at debug, wrong keys at notice.")
    var logLevel = LogLevel.info

    @Option(
        name: .customLong("try"), help: ArgumentHelp("The image in the curl line printed at start.", valueName: "file"))
    var sample = "photo.jpg"

    var logger: Logger {
        var logger = Logger(label: "martlet", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = logLevel.level
        return logger
    }

    func validate() throws {
        guard (0...3600).contains(drainDelay) else {
            throw ValidationError("--drain-delay must be from 0 to 3600 seconds, found \(drainDelay)")
        }
        guard (0...86_400).contains(gracePeriod) else {
            throw ValidationError("--grace-period must be from 0 to 86400 seconds, found \(gracePeriod)")
        }
    }
}

/// Whether the server has to be in a sandbox.
enum SandboxMode: String, ExpressibleByArgument, CaseIterable {
    case on, off, required
}
