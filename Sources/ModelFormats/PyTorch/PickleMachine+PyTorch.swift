extension PickleMachine {
    /// What Python would make by calling `callee`.
    mutating func call(_ callee: PickleValue, _ arguments: PickleValue) throws(ModelFormatError) -> PickleValue {
        guard case .global(let global) = callee, case .tuple = arguments, let values = heap.elements(arguments) else {
            throw malformed(
                expected: "a call of a global with a tuple", found: "one of \(callee.kind) with \(arguments.kind)")
        }
        switch global {
        case .orderedDictionary: return try orderedDictionary(values)
        case .rebuildTensor: return .tensor(try tensor(values))
        case .rebuildParameter:
            guard case .tensor? = values.first else {
                throw malformed(expected: "a tensor to make a parameter of", found: values.first?.kind ?? "nothing")
            }
            return values[0]
        case .storage: throw malformed(expected: "storages outside the pickle", found: "a call of \(global)")
        }
    }

    /// `OrderedDict()`, or Python 2's `OrderedDict([[key, value], …])`.
    private mutating func orderedDictionary(_ arguments: [PickleValue]) throws(ModelFormatError) -> PickleValue {
        let dictionary = heap.addDictionary()
        guard let pairs = arguments.first, case .dictionary(let index) = dictionary else { return dictionary }
        let elements = heap.elements(pairs) ?? []
        copiedPairs += elements.count
        guard copiedPairs <= Self.memoLimit else {
            throw unsupported(found: "more than \(Self.memoLimit) entries of dicts", supported: "fewer")
        }
        for pair in elements {
            guard let pair = heap.elements(pair), pair.count == 2 else {
                throw malformed(expected: "pairs of keys and values", found: "something else in an OrderedDict")
            }
            heap.set(pair[1], for: pair[0], inDictionary: index)
        }
        return dictionary
    }

    /// Of `_rebuild_tensor_v2(storage, storage_offset, size, stride, requires_grad, backward_hooks, metadata)`, whose
    /// last three make no difference here.
    private func tensor(_ arguments: [PickleValue]) throws(ModelFormatError) -> PyTorchTensor {
        guard (4...7).contains(arguments.count), case .storage(let storage) = arguments[0],
            case .integer(let offset) = arguments[1],
            let shape = heap.integers(arguments[2], limit: PyTorchTensor.rankLimit),
            let strides = heap.integers(arguments[3], limit: PyTorchTensor.rankLimit)
        else {
            throw malformed(
                expected: "a tensor's storage, offset, size and stride, of at most \(PyTorchTensor.rankLimit) axes",
                found: "\(arguments.prefix(7).map(\.kind).joined(separator: ", "))")
        }
        guard let tensor = PyTorchTensor(storage: storage, offset: offset, shape: shape, strides: strides) else {
            throw malformed(
                expected: "a tensor within its storage of \(storage.count) elements, and no more of them",
                found: "shape \(shape), strides \(strides), offset \(offset)")
        }
        return tensor
    }

    /// Of the tuple `("storage", type, key, device, count)`, before PyTorch 1.6 with a sixth part for views.
    func storage(of identifier: PickleValue) throws(ModelFormatError) -> PyTorchStorage {
        guard let parts = heap.elements(identifier), (5...6).contains(parts.count), case .text("storage") = parts[0],
            case .global(.storage(let type)) = parts[1], case .text(let key) = parts[2],
            case .integer(let count) = parts[4]
        else {
            throw malformed(expected: "a storage's type, key, device and count", found: "something else")
        }
        guard count >= 0, !count.multipliedReportingOverflow(by: type.size).overflow else {
            throw malformed(expected: "a storage that fits memory", found: "\(count) elements")
        }
        if parts.count == 6 {
            guard case .none = parts[5] else {
                throw unsupported(
                    found: "a storage that is a part of another",
                    supported: "whole ones, as torch.save(torch.load(path), path) of PyTorch 1.6 or later writes")
            }
        }
        return PyTorchStorage(key: key, type: type, count: count)
    }
}
