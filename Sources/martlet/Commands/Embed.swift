import ArgumentParser
import Foundation
import MartletAPI
import Service

struct Embed: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Turn images into vectors of features, without a server.",
        discussion: "Prints one line an image: its file, a tab, and the numbers separated by spaces.")

    @OptionGroup var options: ImageOptions

    @Option(help: "The layer to read; `martlet inspect` lists them. Default: what the classifier reads.")
    var layer: String?

    @Flag(inversion: .prefixedNo, help: "Scale each vector to length 1.")
    var normalize = true

    func run() async throws {
        try await options.printAnswers(
            numbersPerImage: { try $0.embeddingLayer(named: layer).outputShape.reduce(1, *) }
        ) { service, images in
            try await service.embed(images, layer: layer, normalize: normalize)
        }
    }
}

extension EmbedResult: ImageAnswer {
    var texts: [Result<String, ImageFailure>] {
        embeddings.map { embedding in
            embedding.vector.map { vector in
                "\(embedding.filename ?? embedding.id)\t\(vector.map(\.description).joined(separator: " "))"
            }
        }
    }
}
