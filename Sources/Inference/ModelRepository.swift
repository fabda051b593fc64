import Compute
import Foundation

/// The models that are served: every folder `<directory>/<name>`, hidden ones excepted.
public final class ModelRepository: Sendable {
    /// In the order of their names.
    public let models: [LoadedModel]
    /// What a request gets that names no model.
    public let defaultModel: LoadedModel

    /// Loads all models of `directory`. The default is the one named, else the first.
    ///
    /// - Throws: ``InferenceError`` where there is none, one cannot be loaded, or the default does not exist.
    public init(
        directory: String, defaultModel name: String?, pool: ComputePool = .shared, kernels: KernelTable
    ) throws(InferenceError) {
        let folders = Self.modelFolders(in: directory)
        var models: [LoadedModel] = []
        for folder in folders { models.append(try LoadedModel(path: folder, pool: pool, kernels: kernels)) }
        models.sort { $0.name < $1.name }
        for (first, second) in zip(models, models.dropFirst()) where first.name == second.name {
            throw .duplicateModel(first.name, directory: directory)
        }
        self.models = models
        guard let first = models.first else { throw .noModels(directory: directory) }
        guard let name else {
            defaultModel = first
            return
        }
        guard let named = models.first(where: { $0.name == name }) else {
            throw .unknownModel(name, available: models.map(\.name))
        }
        defaultModel = named
    }

    /// A repository of one model.
    public init(_ model: LoadedModel) {
        models = [model]
        defaultModel = model
    }

    /// The model of that name, or the default.
    public func model(named name: String?) throws(InferenceError) -> LoadedModel {
        guard let name else { return defaultModel }
        guard let model = models.first(where: { $0.name == name }) else {
            throw .unknownModel(name, available: models.map(\.name))
        }
        return model
    }

    private static func modelFolders(in directory: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return names.sorted().filter { !$0.hasPrefix(".") }.map { "\(directory)/\($0)" }
            .filter { path in
                var isFolder: ObjCBool = false
                return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
            }
    }
}
