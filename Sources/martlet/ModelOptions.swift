import ArgumentParser
import Compute
import Foundation
import Inference
import ModelFormats
import Service

/// Where the models lie.
struct ModelOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The folder of models, one folder each; $MARTLET_MODELS where it is set.", valueName: "dir"))
    var models = "models"

    /// How a command that is printed names the folder; nothing where it finds it by itself.
    var argument: String {
        let usual = ProcessInfo.processInfo.environment["MARTLET_MODELS"] ?? "models"
        return models == usual ? "" : " --models \(models.quotedForShell)"
    }

    /// `name` where it is a file or folder, else the folder of that name among the models.
    func path(of name: String) throws -> String {
        let candidates = [name, "\(models)/\(name)"]
        guard let path = candidates.first(where: FileManager.default.fileExists(atPath:)) else {
            throw CommandError(
                "no model '\(name)': neither '\(candidates[0])' nor '\(candidates[1])' exists; --models or $MARTLET_MODELS says where models lie"
            )
        }
        return path
    }

    /// The model of that name, ready to answer; what its files leave open is said on standard error.
    func load(_ name: String, _ engine: EngineOptions) throws -> LoadedModel {
        let loaded = try loadNetwork(name, engine)
        Self.tell(loaded.assumptions)
        return loaded
    }

    /// As ``load(_:_:)``, where neither images nor the classes' names matter.
    func loadNetwork(_ name: String, _ engine: EngineOptions) throws -> LoadedModel {
        try LoadedModel(path: path(of: name), pool: engine.pool(), kernels: engine.kernels(), options: engine.plan)
    }

    /// As ``load(_:_:)``, not compiled.
    func read(_ name: String) throws -> Model {
        let model = try Model.load(path(of: name))
        Self.tell(model.assumptions)
        return model
    }

    private static func tell(_ assumptions: [String]) {
        for assumption in assumptions { StandardError.write("Warning: \(assumption)") }
    }

    /// The models as the server has them, with `name` or the first by name as the default.
    func repository(defaultModel name: String?, _ engine: EngineOptions) throws -> ModelRepository {
        var options = ModelRepository.Options(kernels: try engine.kernels())
        (options.pool, options.plan) = (engine.pool(), engine.plan)
        options.check = { model in _ = try model.preprocessing() }
        return try ModelRepository(directory: models, defaultModel: name, options: options)
    }
}
