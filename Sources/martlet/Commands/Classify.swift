import ArgumentParser
import Foundation
import MartletAPI
import Service

struct Classify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Say what images show, without a server.")

    @OptionGroup var options: ImageOptions

    @Option(help: ArgumentHelp("How many classes to print for each image.", valueName: "n"))
    var topK = 5

    func run() async throws {
        let result = try await options.service().classify(options.images(), topK: topK)
        if options.json {
            print(result.json)
            if result.predictions.contains(where: { (try? $0.classes.get()) == nil }) { throw ExitCode.failure }
            return
        }
        var failed = false
        for (file, prediction) in zip(options.files, result.predictions) {
            switch prediction.classes {
            case .success(let classes):
                print(file)
                for entry in classes {
                    print(String(format: "  %6.2f %%  %@", Double(entry.probability) * 100, entry.label))
                }
            case .failure(let failure):
                options.report(failure, of: file)
                failed = true
            }
        }
        if failed { throw ExitCode.failure }
    }
}
