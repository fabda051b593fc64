/// Reads a pickle of a state dict without running anything: a machine with a stack and a memo, as Python's, whose
/// opcodes make numbers, texts, containers and descriptions of tensors, and nothing else.
///
/// Every byte of a pickle makes at most one value, and ``sizeLimit`` limits the bytes, ``stackLimit`` and ``memoLimit``
/// the rest.
struct PickleMachine {
    /// Of one pickle; those of the largest networks have some 200 bytes a tensor.
    static let sizeLimit = 8 << 20
    /// Python's pickler sets items by the thousand.
    static let stackLimit = 1 << 16
    static let memoLimit = 1 << 20
    static let textLimit = 1 << 16

    var heap = PickleHeap()
    /// The pairs that calls have put into dictionaries: one list may be given to many.
    var copiedPairs = 0
    /// Where the next pickle begins.
    private(set) var position: Int
    private let bytes: FileBytes
    private var stack: [PickleValue] = []
    /// How long the stack was at each mark.
    private var marks: [Int] = []
    private var memo: [Int: PickleValue] = [:]
    private var opcodeStart = 0

    /// A machine for the pickle that begins at `start` of `bytes`, which may go on after it.
    init(_ bytes: FileBytes, at start: Int = 0) {
        self.bytes = bytes
        position = start
    }

    /// The value of the pickle. Throws a ``ModelFormatError`` that names what it would run.
    mutating func run() throws(ModelFormatError) -> PickleValue {
        let start = position
        while true {
            opcodeStart = position
            guard position - start <= Self.sizeLimit else {
                throw unsupported(found: "more than \(Self.sizeLimit) bytes", supported: "pickles of fewer")
            }
            let byte = UInt8(try unsigned(1))
            guard let opcode = PickleOpcode(rawValue: byte) else {
                throw unsupported(found: "opcode 0x\(String(byte, radix: 16))", supported: Self.supported)
            }
            if opcode == .stop { return try pop() }
            try run(opcode)
        }
    }

    private mutating func run(_ opcode: PickleOpcode) throws(ModelFormatError) {
        switch opcode {
        case .proto:
            let version = try unsigned(1)
            guard (2...4).contains(version) else {
                throw unsupported(found: "protocol \(version)", supported: "2 to 4")
            }
        case .frame: _ = try take(8)
        case .stop: break
        case .mark:
            guard marks.count < Self.stackLimit else { throw tooDeep }
            marks.append(stack.count)
        case .none: try push(.none)
        case .newTrue: try push(.boolean(true))
        case .newFalse: try push(.boolean(false))
        case .binInt: try push(.integer(Int(Int32(truncatingIfNeeded: try unsigned(4)))))
        case .binInt1: try push(.integer(try unsigned(1)))
        case .binInt2: try push(.integer(try unsigned(2)))
        case .long1: try push(try long())
        case .binFloat: try push(.real(try real()))
        case .binUnicode, .binString: try push(.text(try text(lengthBytes: 4)))
        case .shortBinUnicode, .shortBinString: try push(.text(try text(lengthBytes: 1)))
        case .emptyTuple: try pushTuple(0)
        case .tuple1: try pushTuple(1)
        case .tuple2: try pushTuple(2)
        case .tuple3: try pushTuple(3)
        case .tuple: try pushTuple(try popMark())
        case .emptyList: try push(heap.addList())
        case .append: try append(1)
        case .appends: try append(try popMark())
        case .emptyDict: try push(heap.addDictionary())
        case .setItem: try setItems(2)
        case .setItems: try setItems(try popMark())
        case .binPut: try remember(as: try unsigned(1))
        case .longBinPut: try remember(as: try unsigned(4))
        case .memoize: try remember(as: memo.count)
        case .binGet: try recall(try unsigned(1))
        case .longBinGet: try recall(try unsigned(4))
        case .global: try pushGlobal(module: try line(), name: try line())
        case .stackGlobal:
            guard case .text(let name) = try pop(), case .text(let module) = try pop() else {
                throw malformed(expected: "the name of a global", found: "other values")
            }
            try pushGlobal(module: module, name: name)
        case .reduce:
            let arguments = try pop()
            try push(try call(try pop(), arguments))
        case .build:
            // The attributes of an OrderedDict: `_metadata` has versions of layers.
            _ = try pop()
            guard case .dictionary = stack.last else {
                throw malformed(expected: "a dict to set attributes of", found: stack.last?.kind ?? "nothing")
            }
        case .binPersID: try push(.storage(try storage(of: try pop())))
        }
    }
}

// MARK: - Stack and memo

extension PickleMachine {
    private mutating func push(_ value: PickleValue) throws(ModelFormatError) {
        guard stack.count < Self.stackLimit else { throw tooDeep }
        stack.append(value)
    }

    /// Values below a mark belong to who set it.
    private mutating func pop() throws(ModelFormatError) -> PickleValue {
        guard stack.count > marks.last ?? 0, let value = stack.popLast() else {
            throw malformed(expected: "a value on the stack", found: "none")
        }
        return value
    }

    private mutating func pop(_ count: Int) throws(ModelFormatError) -> [PickleValue] {
        guard count <= stack.count - (marks.last ?? 0) else {
            throw malformed(expected: "\(count) values on the stack", found: "\(stack.count - (marks.last ?? 0))")
        }
        defer { stack.removeLast(count) }
        return Array(stack.suffix(count))
    }

    /// How many values lie above the last mark, which is removed.
    private mutating func popMark() throws(ModelFormatError) -> Int {
        guard let mark = marks.popLast() else { throw malformed(expected: "a mark on the stack", found: "none") }
        return stack.count - mark
    }

    private mutating func pushTuple(_ count: Int) throws(ModelFormatError) {
        try push(heap.addTuple(try pop(count)))
    }

    private mutating func append(_ count: Int) throws(ModelFormatError) {
        let values = try pop(count)
        guard case .list(let index) = stack.last else {
            throw malformed(expected: "a list to append to", found: stack.last?.kind ?? "nothing")
        }
        heap.append(values, toList: index)
    }

    private mutating func setItems(_ count: Int) throws(ModelFormatError) {
        let values = try pop(count)
        guard case .dictionary(let index) = stack.last, count.isMultiple(of: 2) else {
            throw malformed(
                expected: "a dict, keys and values", found: "\(count) values for \(stack.last?.kind ?? "nothing")")
        }
        for pair in stride(from: 0, to: count, by: 2) {
            heap.set(values[pair + 1], for: values[pair], inDictionary: index)
        }
    }

    private mutating func remember(as index: Int) throws(ModelFormatError) {
        guard memo.count < Self.memoLimit else {
            throw unsupported(found: "more values than \(Self.memoLimit)", supported: "fewer")
        }
        guard let value = stack.last else { throw malformed(expected: "a value to remember", found: "none") }
        memo[index] = value
    }

    private mutating func recall(_ index: Int) throws(ModelFormatError) {
        guard let value = memo[index] else {
            throw malformed(expected: "a remembered value", found: "none at \(index)")
        }
        try push(value)
    }

    private mutating func pushGlobal(module: String, name: String) throws(ModelFormatError) {
        guard let global = PickleGlobal(module: module, name: name) else {
            throw unsupported(
                found: "\("\(module).\(name)".quoted), code that Martlet refuses to run", supported: Self.supported)
        }
        try push(.global(global))
    }
}

// MARK: - Bytes

extension PickleMachine {
    private mutating func take(_ count: Int) throws(ModelFormatError) -> FileBytes {
        guard count <= bytes.count - position else {
            throw malformed(expected: "\(count) bytes more", found: "\(bytes.count - position)")
        }
        defer { position += count }
        return bytes[position..<position + count]
    }

    /// A little-endian number of `count` bytes, at most 4.
    private mutating func unsigned(_ count: Int) throws(ModelFormatError) -> Int {
        let bytes = try take(count)
        return (0..<count).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) }
    }

    /// A two's complement number of any length, of which 64 bits are read.
    private mutating func long() throws(ModelFormatError) -> PickleValue {
        let bytes = try take(try unsigned(1))
        // The magic number of the format before PyTorch 1.6 has ten bytes; nothing else of it is so long.
        guard bytes.count <= 8 else { return .none }
        var value = bytes.count > 0 && bytes[bytes.count - 1] >= 0x80 ? -1 : 0
        for index in (0..<bytes.count).reversed() { value = value << 8 | Int(bytes[index]) }
        return .integer(value)
    }

    /// Big-endian, alone among the numbers of a pickle.
    private mutating func real() throws(ModelFormatError) -> Double {
        Double(bitPattern: try take(8).littleEndian(at: 0, as: UInt64.self).byteSwapped)
    }

    private mutating func text(lengthBytes: Int) throws(ModelFormatError) -> String {
        let length = try unsigned(lengthBytes)
        guard length <= Self.textLimit else {
            throw unsupported(found: "a text of \(length) bytes", supported: "at most \(Self.textLimit)")
        }
        guard let text = try take(length).string else { throw malformed(expected: "UTF-8 text", found: "other bytes") }
        return text
    }

    /// Up to the next line feed.
    private mutating func line() throws(ModelFormatError) -> String {
        var line: [UInt8] = []
        while line.count <= Self.textLimit {
            let byte = UInt8(try unsigned(1))
            if byte == 0x0A { return String(decoding: line, as: UTF8.self) }
            line.append(byte)
        }
        throw malformed(expected: "the name of a global", found: "more than \(Self.textLimit) bytes")
    }
}

// MARK: - Errors

extension PickleMachine {
    /// What to do instead, since a file with more in it is usually one of one's own.
    private static var supported: String {
        "tensors, numbers, texts and containers of them: what torch.save(model.state_dict(), path) writes"
    }

    private var tooDeep: ModelFormatError {
        unsupported(found: "a stack of more than \(Self.stackLimit) values", supported: "fewer")
    }

    func malformed(expected: String, found: String) -> ModelFormatError {
        bytes.malformed(location, expected: expected, found: found)
    }

    func unsupported(found: String, supported: String) -> ModelFormatError {
        bytes.unsupported(location, found: found, supported: supported)
    }

    private var location: String { "pickle at byte \(bytes.range.lowerBound + opcodeStart)" }
}
