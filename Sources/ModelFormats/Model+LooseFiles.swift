import Foundation

/// Whole models that lie where a model folder is expected.
extension Model {
    /// The paths of the `.onnx`, `.keras` and `.h5` files in `folder`, sorted; none where it cannot be listed.
    public static func looseFiles(in folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { !$0.hasPrefix(".") && isFile($0) }.sorted().map { "\(folder)/\($0)" }
    }

    /// What to do with such a file, as a sentence's end.
    public static func remedy(forLooseFile path: String) -> String {
        "'martlet convert \(path) FOLDER' makes a model folder of it"
    }

    /// Refuses a folder without a `config.json` that has a whole model in it.
    static func refuseLooseFile(in folder: String) throws(ModelFormatError) {
        guard !FileContents.exists("\(folder)/config.json"), let file = looseFiles(in: folder).first else { return }
        throw .unreadable(
            file: "\(folder)/config.json", reason: "there is none, but \(file): \(remedy(forLooseFile: file))")
    }
}
