import ArgumentParser
import Foundation

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
            Serve.self, Teach.self, Heads.self, Keys.self, Classify.self, Embed.self, Inspect.self, Bench.self,
            Run.self,
            Convert.self, Quantize.self, ConfigurationDocument.self,
        ])

    static func main() async {
        do {
            let signals = try CaughtSignals()
            let arguments = try ConfiguredArguments(
                Array(CommandLine.arguments.dropFirst()), environment: ProcessInfo.processInfo.environment,
                program: .program())
            var command = try arguments.command()
            for warning in arguments.warnings { StandardError.write("Warning: \(warning)") }
            if let serve = command as? Serve {
                if serve.file.printConfig {
                    return try StandardOutput.write(arguments.printed(derived: serve.derivedDefaults))
                }
                // Here nothing has suspended yet: there is only this thread.
                return try await PreparedServer(serve, given: Set(arguments.given.keys), signals).run()
            }
            signals.release()
            guard var command = command as? any AsyncParsableCommand else { return try command.run() }
            try await command.run()
        } catch let error as SettingError {
            StandardError.write("Error: \(error)")
            Foundation.exit(SettingError.exitStatus)
        } catch { exit(withError: error) }
    }
}
