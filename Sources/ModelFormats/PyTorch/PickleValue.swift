/// What a pickle of a state dict is made of.
///
/// Containers refer to the ``PickleHeap`` by their index there: a pickle may nest them a million deep or put one into
/// itself, which as values of their own would overflow the stack when they are freed, or never be.
enum PickleValue {
    case none
    case boolean(Bool)
    case integer(Int)
    case real(Double)
    case text(String)
    case global(PickleGlobal)
    case tuple(Int)
    case list(Int)
    case dictionary(Int)
    // Boxed, for the others are many and small.
    indirect case storage(PyTorchStorage)
    indirect case tensor(PyTorchTensor)

    /// For errors.
    var kind: String {
        switch self {
        case .none: "None"
        case .boolean: "a bool"
        case .integer: "an int"
        case .real: "a float"
        case .text: "a str"
        case .global(let global): "\(global)"
        case .tuple: "a tuple"
        case .list: "a list"
        case .dictionary: "a dict"
        case .storage: "a storage"
        case .tensor: "a tensor"
        }
    }
}

/// The containers of one pickle.
struct PickleHeap {
    /// Two bytes of a pickle use a text again, and each use as a key reads all of it.
    static let keyLimit = 512

    /// Tuples and lists.
    private(set) var sequences: [[PickleValue]] = []
    /// Entries whose keys are texts of at most ``keyLimit`` bytes; the others (an optimiser's state has numbers) name no
    /// tensor.
    private(set) var dictionaries: [[String: PickleValue]] = []

    mutating func addTuple(_ values: [PickleValue]) -> PickleValue {
        sequences.append(values)
        return .tuple(sequences.count - 1)
    }

    mutating func addList() -> PickleValue {
        sequences.append([])
        return .list(sequences.count - 1)
    }

    mutating func addDictionary() -> PickleValue {
        dictionaries.append([:])
        return .dictionary(dictionaries.count - 1)
    }

    mutating func append(_ values: some Sequence<PickleValue>, toList index: Int) {
        sequences[index].append(contentsOf: values)
    }

    mutating func set(_ value: PickleValue, for key: PickleValue, inDictionary index: Int) {
        if case .text(let name) = key, name.utf8.count <= Self.keyLimit { dictionaries[index][name] = value }
    }

    /// The elements of a tuple or list; `nil` for anything else.
    func elements(_ value: PickleValue) -> [PickleValue]? {
        switch value {
        case .tuple(let index), .list(let index): sequences[index]
        default: nil
        }
    }

    /// The entries of a dictionary; `nil` for anything else.
    func entries(_ value: PickleValue) -> [String: PickleValue]? {
        guard case .dictionary(let index) = value else { return nil }
        return dictionaries[index]
    }

    /// The numbers of a tuple that has no other elements, and at most `limit`; `nil` for anything else.
    func integers(_ value: PickleValue, limit: Int) -> [Int]? {
        guard case .tuple(let index) = value, sequences[index].count <= limit else { return nil }
        var integers: [Int] = []
        for element in sequences[index] {
            guard case .integer(let integer) = element else { return nil }
            integers.append(integer)
        }
        return integers
    }
}
