import ArgumentParser

/// Run as a ``PreparedServer``.
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve the models over HTTP.",
        discussion:
            """
            On SIGTERM or SIGINT it is no longer ready (/health/ready answers 503), serves on for the drain delay, then \
            stops when the requests in flight are answered; a second signal ends it at once. A fine-tune job that runs then \
            goes on at the next start. SIGHUP looks at the folder of models again and retries what could not be loaded; it also \
            reads the key file and the certificates again.
            """)

    @OptionGroup(title: "Configuration") var file: ConfigurationOptions

    @OptionGroup(title: "Listening") var listen: ListenOptions

    @OptionGroup(title: "TLS") var tls: TLSOptions

    @OptionGroup(title: "Limits") var limits: LimitOptions

    @OptionGroup(title: "Access") var access: AccessOptions

    @OptionGroup(title: "Models") var models: ModelOptions

    @OptionGroup(title: "Models") var serving: RepositoryOptions

    @OptionGroup(title: "Computing") var engine: EngineOptions

    @OptionGroup(title: "Waiting for the network") var queue: QueueOptions

    @OptionGroup(title: "Store") var storage: StoreOptions

    @OptionGroup(title: "Store") var waiting: StoreWaitOptions

    @OptionGroup(title: "Process") var process: ProcessOptions
}
