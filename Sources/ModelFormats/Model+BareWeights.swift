import Foundation

extension Model {
    /// Refuses a file that is no model by itself. Weights alone do not say what the layers are: the error has the `config.json`
    /// to put beside them, in which architecture, input and preprocessing may have to be changed.
    static func refuseFile(_ path: String) throws(ModelFormatError) {
        // Links are followed.
        let target = URL(filePath: path).resolvingSymlinksInPath()
        let type = (try? FileManager.default.attributesOfItem(atPath: target.path))?[.type] as? FileAttributeType
        guard type == .typeRegular else { return }
        guard WeightsFile.endings.contains(where: path.hasSuffix) else {
            throw .unsupported(
                file: path, location: "file", found: "another ending than those of models",
                supported: (KerasModel.extensions + [".onnx"]).joined(separator: ", ")
                    + ", and folders with a config.json")
        }
        // Not read as a whole: only its header matters, and its digest.
        let reader = try FileReader(path: path)
        try WeightsFile.check(FileContents(unread: reader).bytes)
        let name = URL(filePath: path).lastPathComponent
        let example = ModelConfiguration(
            formatVersion: 1, name: name.split(separator: ".").first.map(String.init) ?? name, version: "1",
            architecture: .resNet50, input: .init(channels: 3, height: 224, width: 224), preprocessing: .imageNet,
            weights: .init(file: name, bytes: reader.count, sha256: try reader.sha256()))
        let json = (try? [UInt8](json: example)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        throw .unsupported(
            file: path, location: "file", found: "weights without a network",
            supported:
                "a folder with this file and a config.json that names the network's architecture, as this for a ResNet-50:\n\(json)"
        )
    }
}
