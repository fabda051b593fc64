import Compute
import Foundation

@testable import Inference

/// A folder of models of a test's, with copies of the one in the box.
final class ModelsFolder {
    static let model = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "models/efficientnet-lite0")
    let url = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")

    deinit { try? FileManager.default.removeItem(at: url) }

    /// Puts a model there, file by file as links, one file left out.
    func add(_ path: String, without missing: String? = nil) throws {
        let folder = url.appending(path: path)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for name in try FileManager.default.contentsOfDirectory(atPath: Self.model.path) where name != missing {
            try link("\(path)/\(name)")
        }
    }

    /// Puts one file of the model's there.
    func link(_ path: String) throws {
        let file = url.appending(path: path)
        try FileManager.default.createSymbolicLink(
            at: file, withDestinationURL: Self.model.appending(path: file.lastPathComponent))
    }

    func write(_ text: String, to path: String) throws {
        try text.write(to: url.appending(path: path), atomically: true, encoding: .utf8)
    }

    func remove(_ path: String) throws { try FileManager.default.removeItem(at: url.appending(path: path)) }

    func repository(
        defaultModel: String? = nil, budget: Int? = nil,
        check: @escaping @Sendable (LoadedModel) throws -> Void = { _ in },
        returnMemory: @escaping @Sendable () -> Void = {}
    ) throws -> ModelRepository {
        var options = ModelRepository.Options(kernels: try KernelTable.selected)
        (options.memoryBudget, options.check, options.returnMemory) = (budget, check, returnMemory)
        return try ModelRepository(directory: url.path, defaultModel: defaultModel, options: options)
    }
}

extension ModelRepository {
    /// How the versions of a model are, in words.
    func states(_ index: Int = 0) -> [String] {
        models[index].versions.map { "\($0.version) \($0.state)\($0.isLatest ? " latest" : "")" }
    }
}
