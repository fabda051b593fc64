import ArgumentParser
import Foundation
import MartletAPI
import Service

struct Classify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Say what images show, without a server.")

    @OptionGroup var options: ImageOptions

    @Option(
        help: ArgumentHelp(
            "How many classes to print for each image. Default: 5, or all where there are fewer.", valueName: "n"))
    var topK: Int?

    func run() async throws {
        try await options.printAnswers { service, images in
            try await service.classify(images, topK: topK)
        }
    }
}

extension ClassifyResult: ImageAnswer {
    var texts: [Result<String, ImageFailure>] {
        predictions.map { prediction in
            prediction.classes.map { classes in
                let lines = classes.map { entry in
                    String(format: "  %6.2f %%  %@", Double(entry.probability) * 100, entry.label)
                }
                return ([prediction.filename ?? prediction.id] + lines).joined(separator: "\n")
            }
        }
    }
}
