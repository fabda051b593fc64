/// The names of Python's that a pickle of a state dict may mention. None of them is run: each stands for what
/// ``PickleMachine`` itself makes of the arguments.
enum PickleGlobal: Equatable, CustomStringConvertible {
    /// `collections.OrderedDict`
    case orderedDictionary
    /// `torch._utils._rebuild_tensor_v2`, and its predecessor of PyTorch 0.3.
    case rebuildTensor
    /// `torch._utils._rebuild_parameter`
    case rebuildParameter
    /// `torch.FloatStorage` and its kin.
    case storage(PyTorchElementType)

    /// `nil` for any other name.
    init?(module: String, name: String) {
        switch (module, name) {
        case ("collections", "OrderedDict"): self = .orderedDictionary
        case ("torch._utils", "_rebuild_tensor_v2"), ("torch._utils", "_rebuild_tensor"): self = .rebuildTensor
        case ("torch._utils", "_rebuild_parameter"): self = .rebuildParameter
        case ("torch", _):
            guard let type = PyTorchElementType(storage: name) else { return nil }
            self = .storage(type)
        default: return nil
        }
    }

    var description: String {
        switch self {
        case .orderedDictionary: "collections.OrderedDict"
        case .rebuildTensor: "torch._utils._rebuild_tensor"
        case .rebuildParameter: "torch._utils._rebuild_parameter"
        case .storage(let type): "torch.\(type.storageName)"
        }
    }
}
