import Compute
import Network

/// Named tensors in a file that `torch.save` wrote (`.pth`, `.pt`, `.bin`): a state dict, or a checkpoint with one in it.
///
/// Such files are pickles, programs that Python runs to read them. This reader runs nothing: see ``PickleMachine``.
/// Contiguous float32 tensors borrow the memory that the file was read to; float16, bfloat16 and float64 are converted.
public struct PyTorchFile: TensorSource {
    private let file: FileBytes
    private let tensors: [String: PyTorchTensor]
    private let records: [String: FileBytes]

    /// What `DataParallel` and `torch.compile` put before every name, and trainers that have the network as an attribute.
    private static let prefixes = ["module.", "_orig_mod.", "model.", "backbone.", "net."]

    /// The extents of each tensor, by name.
    public var shapes: [String: [Int]] { tensors.mapValues(\.shape) }

    /// Reads the file at `path`. Throws a ``ModelFormatError`` that says what in it is no tensor.
    public init(path: String) throws(ModelFormatError) {
        try self.init(try FileContents(path: path, payloads: Self.payloads).bytes)
    }

    /// As ``init(path:)``, for bytes that are called `name` in errors.
    public init(_ bytes: [UInt8], name: String) throws(ModelFormatError) {
        try self.init(try FileContents(path: name, contents: bytes).bytes)
    }

    init(_ file: FileBytes) throws(ModelFormatError) {
        let container: PyTorchContainer
        if StoredZip.isZip(file) {
            container = try PyTorchContainer(zip: file)
        } else if PyTorchContainer.isLegacy(file) {
            container = try PyTorchContainer(legacy: file)
        } else {
            // Every pickle since protocol 2 begins so.
            let isPickle = file.count > 0 && file[0] == 0x80
            throw file.malformed(
                "file", expected: "what torch.save(model.state_dict(), path) writes",
                found: isPickle ? "a pickle that torch.save did not write" : "other bytes")
        }
        self.file = file
        records = container.records
        guard let tensors = container.stateDict else {
            throw file.unsupported(
                "pickle", found: "no tensors",
                supported: "a state dict, or a checkpoint that has one as "
                    + PyTorchContainer.wrappers.map(\.quoted).joined(separator: ", "))
        }
        self.tensors = Self.withoutPrefixes(tensors)
        for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) { _ = try record(of: tensor, name) }
    }

    /// Where the storages lie in the file; none where it cannot be told.
    static func payloads(of file: FileBytes) -> [Range<Int>] {
        if StoredZip.isZip(file) { return (try? StoredZip(file))?.entries.values.map(\.range) ?? [] }
        return (try? PyTorchContainer(legacy: file))?.records.values.map(\.range) ?? []
    }

    public func shape(of name: String) -> [Int]? { tensors[name]?.shape }

    /// The tensor called `name`. Throws where it is missing, holds integers, or is not of `shape`.
    public func tensor(_ name: String, shape: [Int]) throws(ModelFormatError) -> Tensor {
        let location = "tensor \(name.quoted)"
        guard let tensor = tensors[name] else {
            throw file.missingTensor(name, shape: shape, among: tensors.keys)
        }
        guard tensor.shape == shape else {
            throw file.malformed(location, expected: "shape \(shape)", found: "shape \(tensor.shape)")
        }
        let floats: Tensor?
        do {
            floats = try tensor.floats(in: try record(of: tensor, name))
        } catch let error as ModelFormatError {
            throw error
        } catch {
            throw file.malformed(location, expected: "elements of its shape", found: "\(error)")
        }
        guard let floats else {
            throw file.unsupported(
                location, found: "\(tensor.storage.type)", supported: "float32, float64, float16, bfloat16")
        }
        return floats
    }

    /// The bytes of a tensor's storage, as many as the pickle says.
    private func record(of tensor: PyTorchTensor, _ name: String) throws(ModelFormatError) -> FileBytes {
        let storage = tensor.storage
        guard let record = records[storage.key], record.count == storage.byteCount else {
            throw file.malformed(
                "tensor \(name.quoted)", expected: "\(storage.byteCount) bytes in storage \(storage.key.quoted)",
                found: records[storage.key].map { "\($0.count)" } ?? "none")
        }
        return record
    }

    /// Without what stands before all names; a scalar's, which counts the steps of an average, may have nothing before it.
    private static func withoutPrefixes(_ tensors: [String: PyTorchTensor]) -> [String: PyTorchTensor] {
        var tensors = tensors
        // One within the other, as `module._orig_mod.model.`.
        for _ in prefixes.indices {
            let shared = prefixes.first { prefix in
                tensors.contains { $0.key.hasPrefix(prefix) }
                    && tensors.allSatisfy { $0.key.hasPrefix(prefix) || $0.value.shape.isEmpty }
            }
            guard let shared else { break }
            let names = tensors.sorted { $0.key < $1.key }.map { name, tensor in
                (name.hasPrefix(shared) ? String(name.dropFirst(shared.count)) : name, tensor)
            }
            tensors = Dictionary(names) { first, _ in first }
        }
        return tensors
    }
}
