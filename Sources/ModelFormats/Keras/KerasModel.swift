/// A whole model as Keras saves it: its configuration, and where its weights are.
///
/// Sources: keras/src/saving/saving_lib.py (`.keras`, since Keras 2.12) and keras/src/legacy/saving/legacy_h5_format.py
/// (`.h5`, since Keras 1).
struct KerasModel {
    let file: FileBytes
    let network: JSONValue
    let weights: KerasWeights
    /// Keras' major version, by which a few functions' meanings differ.
    let version: Int

    /// Of a configuration, in bytes. EfficientNetB7's has 0.6 million.
    private static let configurationLimit = 8 << 20

    /// The extensions of files that hold a whole model.
    static let extensions = [".keras", ".h5", ".hdf5"]

    init(_ file: FileBytes) throws(ModelFormatError) {
        self.file = file
        if StoredZip.isZip(file) {
            let zip = try StoredZip(file)
            let metadata = try Self.json(try Self.entry("metadata.json", of: zip, in: file))
            network = try Self.json(try Self.entry("config.json", of: zip, in: file))
            version = try Self.version(metadata["keras_version"].string, file)
            let weights = try HDF5File(try Self.entry("model.weights.h5", of: zip, in: file))
            self.weights = .numbered(network: try weights.root())
        } else {
            let root = try HDF5File(file).root()
            guard let texts = try root.strings("model_config"), let text = texts.first else {
                throw file.unsupported(
                    "attribute 'model_config'", found: "none: the file has weights only",
                    supported: "whole models, saved by model.save(…)")
            }
            guard let groups = try root.object("model_weights") else {
                throw file.malformed("group 'model_weights'", expected: "a group", found: "none")
            }
            network = try Self.json(try FileContents(path: file.file.path, contents: Array(text.utf8)).bytes)
            version = try Self.version(try root.strings("keras_version")?.first, file)
            weights = .named(groups: groups)
        }
    }

    private static func entry(
        _ name: String, of zip: StoredZip, in file: FileBytes
    ) throws(ModelFormatError) -> FileBytes {
        guard !zip.packed.contains(name) else {
            throw file.unsupported(
                "zip entry '\(name)'", found: "compression or encryption",
                supported: "stored entries, as Keras writes them: do not zip the file again")
        }
        guard let entry = zip.entries[name] else {
            throw file.malformed("zip entry '\(name)'", expected: "one, as in every .keras file", found: "none")
        }
        return entry
    }

    private static func json(_ bytes: FileBytes) throws(ModelFormatError) -> JSONValue {
        guard bytes.count <= configurationLimit else {
            throw bytes.unsupported(
                "configuration", found: "\(bytes.count) bytes", supported: "at most \(configurationLimit)")
        }
        return try bytes.decodeJSON(JSONValue.self)
    }

    /// `2` of `2.15.0` and of `2.4.0-tf`.
    private static func version(_ text: String?, _ file: FileBytes) throws(ModelFormatError) -> Int {
        let major = (text ?? "2").prefix { $0 != "." }
        guard let version = Int(major), (1...3).contains(version) else {
            throw file.unsupported("keras_version", found: (text ?? "").quoted, supported: "1 to 3")
        }
        return version
    }
}
