import Network

/// A file of named tensors: PyTorch's where its name ends as `torch.save`'s files do, else safetensors.
struct WeightsFile {
    let tensors: any TensorSource
    /// The SHA-256 of the file.
    let digest: String

    private static let pyTorchEndings = [".pth", ".pt", ".pth.tar", ".bin"]
    /// How the names of weights end.
    static let endings = pyTorchEndings + [".safetensors"]

    /// Throws what reading would where the header of `file` is not that of its kind; its tensors are not looked at.
    static func check(_ file: FileBytes) throws(ModelFormatError) {
        if isPyTorch(file.file.path) { _ = try PyTorchFile(file) } else { try SafetensorsFile.checkHeader(of: file) }
    }

    private static func isPyTorch(_ path: String) -> Bool { pyTorchEndings.contains(where: path.hasSuffix) }

    /// - Parameter size: how many bytes it must have, where that is known: checked before it is read.
    init(path: String, size: Int? = nil) throws(ModelFormatError) {
        if Self.isPyTorch(path) {
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
