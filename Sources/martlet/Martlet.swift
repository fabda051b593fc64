import ArgumentParser

@main
struct Martlet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "martlet",
        abstract: "Image classification and embeddings on plain CPUs.",
        discussion: """
            Start here:
              martlet serve                      # answers on http://127.0.0.1:8080
              martlet classify photo.jpg         # without a server
            """,
        version: "0.1.0",
        subcommands: [Serve.self, Classify.self, Embed.self, Inspect.self, Bench.self, Run.self, Convert.self])
}
