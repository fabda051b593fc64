import Network

extension FileContents {
    /// The named tensors of a file of weights: PyTorch's where its name ends as `torch.save`'s files do, else safetensors.
    func tensorSource() throws(ModelFormatError) -> any TensorSource {
        let isPyTorch = [".pth", ".pt", ".pth.tar", ".bin"].contains { path.hasSuffix($0) }
        return isPyTorch ? try PyTorchFile(bytes) : try SafetensorsFile(bytes)
    }
}
