import ArgumentParser

@main
struct Martlet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "martlet",
        abstract: "Image classification, embeddings and fine-tuning on plain CPUs.",
        discussion: """
            Start here:
              martlet serve                      # answers on http://127.0.0.1:8080
              martlet classify photo.jpg         # without a server
              martlet teach bikes --head bikes   # learns the folders of photos in bikes
            """,
        version: "0.1.0",
        subcommands: [
            Serve.self, Teach.self, Heads.self, Classify.self, Embed.self, Inspect.self, Bench.self, Run.self,
            Convert.self, Quantize.self,
        ])
}
