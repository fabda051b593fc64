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
        let result = try await options.service().embed(
            options.images(), layer: layer, normalize: normalize)
        if options.json {
            print(result.json)
            if result.embeddings.contains(where: { (try? $0.vector.get()) == nil }) { throw ExitCode.failure }
            return
        }
        var failed = false
        for (file, embedding) in zip(options.files, result.embeddings) {
            switch embedding.vector {
            case .success(let vector): print("\(file)\t\(vector.map(\.description).joined(separator: " "))")
            case .failure(let failure):
                options.report(failure, of: file)
                failed = true
            }
        }
        if failed { throw ExitCode.failure }
    }
}
