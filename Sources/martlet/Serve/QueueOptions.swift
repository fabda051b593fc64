import ArgumentParser

/// How requests wait for the network.
struct QueueOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Images that may wait for the network before requests are refused with 429.", valueName: "n")
    )
    var queueCapacity = 256

    @Option(
        help: ArgumentHelp(
            "Milliseconds that a request may wait for its answer where it does not say itself (timeout_ms).",
            valueName: "ms"))
    var timeout = 30_000

    @Option(
        name: .customLong("cache"),
        help: ArgumentHelp("Megabytes of results kept for images that come again; 0 keeps none.", valueName: "MB"))
    var cacheMegabytes = 0

    func validate() throws {
        guard (1...1 << 20).contains(queueCapacity) else {
            throw ValidationError("--queue-capacity must be from 1 to \(1 << 20), found \(queueCapacity)")
        }
        guard (1...3_600_000).contains(timeout) else {
            throw ValidationError("--timeout must be from 1 to 3600000 milliseconds, found \(timeout)")
        }
        guard (0...1 << 20).contains(cacheMegabytes) else {
            throw ValidationError("--cache must be from 0 to 1048576 megabytes, found \(cacheMegabytes)")
        }
    }
}
