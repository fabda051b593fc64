import Network

/// A file of named tensors: PyTorch's where its name ends as `torch.save`'s files do, else safetensors.
struct WeightsFile {
    let tensors: any TensorSource
    /// The SHA-256 of the file.
    let digest: String

    private static let pyTorchEndings = [".pth", ".pt", ".pth.tar", ".bin"]
    /// How the names of weights end.
    static let endings = pyTorchEndings + [".safetensors"]

    /// - Parameter size: how many bytes it must have, where that is known: checked before it is read.
    init(path: String, size: Int? = nil) throws(ModelFormatError) {
        if Self.pyTorchEndings.contains(where: path.hasSuffix) {
            let file = try FileContents(path: path, size: size, payloads: PyTorchFile.payloads)
            digest = try file.bytes.sha256()
            tensors = try PyTorchFile(file.bytes)
        } else {
            let file = try SafetensorsFile(path: path, size: size)
            digest = file.digest
            tensors = file
        }
    }
}
