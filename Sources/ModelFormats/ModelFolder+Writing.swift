import Foundation
import Network

extension Model {
    /// Writes a model folder: `config.json`, the network with its weights as `network.onnx`, and `labels.txt` and `golden.json` where
    /// there are labels and a golden vector. What ``load(_:)`` reads from it answers bit for bit the same.
    ///
    /// All or nothing: the folder gets its name when it is complete.
    ///
    /// - Parameters:
    ///   - path: must not exist.
    ///   - producerVersion: this program's.
    /// - Throws: ``ModelWriteError``
    public func writeFolder(_ path: String, producerVersion: String) throws(ModelWriteError) {
        let weights = try ONNXWriter.serialize(graph, producerVersion: producerVersion)
        var configuration = configuration
        configuration.architecture = .onnx
        configuration.licence = nil
        configuration.golden = golden.map { _ in .init(file: "golden.json") }
        configuration.labels = labels.isEmpty ? nil : .init(file: "labels.txt", count: labels.count)
        let partial = path + ".partial"
        let manager = FileManager.default
        do {
            configuration.weights = .init(
                file: "network.onnx", bytes: weights.count,
                sha256: try FileContents(path: path, contents: weights).bytes.sha256())
            guard !manager.fileExists(atPath: path) else { throw ModelWriteError.invalid(reason: "'\(path)' exists") }
            try? manager.removeItem(atPath: partial)
            try manager.createDirectory(atPath: partial, withIntermediateDirectories: true)
            let folder = URL(filePath: partial)
            try Data(weights).write(to: folder.appending(path: "network.onnx"))
            if !labels.isEmpty {
                try Data((labels.joined(separator: "\n") + "\n").utf8).write(to: folder.appending(path: "labels.txt"))
            }
            let encoder = JSONEncoder()
            if let golden { try encoder.encode(golden).write(to: folder.appending(path: "golden.json")) }
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            try encoder.encode(configuration).write(to: folder.appending(path: "config.json"))
            try manager.moveItem(atPath: partial, toPath: path)
        } catch let error as ModelWriteError {
            throw error
        } catch {
            try? manager.removeItem(atPath: partial)
            throw .invalid(reason: "'\(path)' cannot be written: \(error)")
        }
    }
}
