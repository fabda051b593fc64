extension PyTorchContainer {
    /// Where trainers put the state dict in a checkpoint, the averaged weights first, since they are what was evaluated.
    static let wrappers = [
        "state_dict_ema", "model_ema", "state_dict", "model_state_dict", "model_state", "model", "module", "net",
        "params",
    ]

    /// The network's tensors: of the first wrapper that has them, else of the whole; `nil` where there are none.
    ///
    /// A checkpoint may have loose tensors beside the state dict (the best accuracy), and in another wrapper (the rate of an
    /// average): a dictionary with less than half as many tensors as the largest is not the network.
    var stateDict: [String: PyTorchTensor]? {
        let candidates = dictionaries(in: root, depth: 0).map { entries in
            (entries, count: entries.values.count { $0.tensor != nil })
        }
        let largest = candidates.map(\.count).max() ?? 0
        return candidates.first { $0.count > 0 && 2 * $0.count >= largest }?.0.compactMapValues(\.tensor)
    }

    /// Those that the wrappers of a dictionary hold, each before the one that it lies in.
    private func dictionaries(in value: PickleValue, depth: Int) -> [[String: PickleValue]] {
        guard let entries = heap.entries(value) else { return [] }
        // A pickle may put a dictionary into itself.
        let wrapped = depth < 2 ? Self.wrappers.compactMap { entries[$0] } : []
        return wrapped.flatMap { dictionaries(in: $0, depth: depth + 1) } + [entries]
    }
}

extension PickleValue {
    fileprivate var tensor: PyTorchTensor? { if case .tensor(let tensor) = self { tensor } else { nil } }
}
