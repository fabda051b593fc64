/// A reader of bytes from outside that bytes of any kind are fed to: it may throw, but neither crash nor take much memory.
///
/// A new one is a case here and in ``read(_:)``, and its seeds in `scripts/fuzz`.
public enum FuzzTarget: String, CaseIterable, Sendable {
    /// Files of models.
    case onnx, safetensors, npy, pytorch, keras
    /// Requests: the stream of a connection, bodies, and what stands in fields and targets.
    case http, multipart, json, archive, fields
    /// Pictures.
    case jpeg, png, webp

    /// Reads these bytes as a server does. What a reader takes is looked at too: a result that contradicts itself ends the
    /// process.
    public func read(_ bytes: [UInt8]) throws {
        switch self {
        case .onnx, .safetensors, .npy, .pytorch, .keras: try readModel(bytes)
        case .http: Self.readStream(bytes)
        case .multipart: try Self.readForm(bytes)
        case .json: Self.readJSON(bytes)
        case .archive: try Self.readArchive(bytes)
        case .fields: Self.readFields(bytes)
        case .jpeg, .png, .webp: try Self.readPicture(bytes)
        }
    }
}
