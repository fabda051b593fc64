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

    @Option(
        help: ArgumentHelp(
            "A head that 'martlet teach' or the server has trained, to classify in place of the model's own classifier.",
            valueName: "name"))
    var head: String?

    @Option(help: ArgumentHelp("The head's version. Default: the one that is promoted.", valueName: "n"))
    var headVersion: Int?

    @OptionGroup var storage: StoreOptions

    func validate() throws {
        if headVersion != nil, head == nil {
            throw ValidationError("--head-version is one of --head's; there is no --head")
        }
    }

    func run() async throws {
        guard let head else {
            return try await options.printAnswers { service, images in
                try await service.classify(images, topK: topK)
            }
        }
        let request = "curl --data-binary @\((options.files.first ?? "photo.jpg").quotedForShell) \(query(head))"
        let served = try await storage.open(orAsk: request) { store in
            try await HeadRegistry(store: store).servedHead(head, version: headVersion)
        }
        let repository = try options.models.repository(
            defaultModel: options.model ?? served.provenance.model, options.engine)
        try await options.printAnswers(of: options.service(of: repository)) { service, images in
            try await service.classify(images, on: RequestTerms(model: options.model), topK: topK, head: served)
        }
    }

    private func query(_ head: String) -> String {
        "'localhost:8080/classify?head=\(head)\(headVersion.map { "&head_version=\($0)" } ?? "")'"
    }
}

extension ClassifyResult: ImageAnswer {
    var texts: [Result<String, ImageFailure>] {
        predictions.map { prediction in
            prediction.classes.map { classes in
                let lines = classes.map { entry in
                    String(format: "  %6.2f %%  %@", Double(entry.probability) * 100, entry.label)
                }
                return ([prediction.filename ?? prediction.id] + lines + prediction.doubts).joined(separator: "\n")
            }
        }
    }
}

extension Prediction {
    /// That the probabilities say nothing, where the image is unlike all that was taught.
    fileprivate var doubts: [String] {
        guard let novelty, !novelty.isKnown else { return [] }
        return [String(format: "  looks like none of these (novelty %.2f, above 1)", Double(novelty.score))]
    }
}
