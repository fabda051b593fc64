import ArgumentParser
import Foundation

/// Where the models lie.
struct ModelOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The folder of models, one folder each; $MARTLET_MODELS where it is set.", valueName: "dir"))
    var models: String = ProcessInfo.processInfo.environment["MARTLET_MODELS"] ?? "models"

    /// `name` where it is a file or folder, else the folder of that name among the models.
    func path(of name: String) throws -> String {
        let candidates = [name, "\(models)/\(name)"]
        guard let path = candidates.first(where: FileManager.default.fileExists(atPath:)) else {
            throw ValidationError(
                "no model '\(name)': neither '\(candidates[0])' nor '\(candidates[1])' exists; --models or $MARTLET_MODELS says where models lie"
            )
        }
        return path
    }
}
