import ArgumentParser

/// Which of the models are served, and how the folder is watched.
struct RepositoryOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The model a request gets that names none. Default: the first by name.", valueName: "name"))
    var defaultModel: String?

    @Option(
        help: ArgumentHelp(
            "Seconds between two looks at the folder of models, whose changes are loaded; 0 looks only at SIGHUP.",
            valueName: "s"))
    var watchInterval = 1.0

    @Option(
        help: ArgumentHelp(
            """
            Megabytes for all models; beyond, the one not asked for the longest is unloaded. Room is made after a load, \
            so that for a moment the new model comes on top. 0: no limit.
            """,
            valueName: "MB"))
    var memoryBudget = 0

    func validate() throws {
        guard watchInterval == 0 || (0.1...86_400).contains(watchInterval) else {
            throw ValidationError("--watch-interval must be from 0.1 to 86400 seconds or 0, found \(watchInterval)")
        }
        guard (0...1 << 30).contains(memoryBudget) else {
            throw ValidationError("--memory-budget must be from 0 to \(1 << 30) megabytes, found \(memoryBudget)")
        }
    }
}
