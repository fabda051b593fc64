import Testing

@testable import ModelFormats

/// Pickles written by hand, opcode by opcode.
struct PickleMachineTests {
    private func run(_ bytes: [UInt8]) throws -> (PickleValue, PickleHeap) {
        var machine = PickleMachine(try FileContents(path: "made.pkl", contents: bytes).bytes)
        return (try machine.run(), machine.heap)
    }

    private func expectRefusal(
        _ bytes: [UInt8], mentioning words: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(sourceLocation: sourceLocation) { try run(bytes) } throws: { error in
            error is ModelFormatError && (["made.pkl"] + words).allSatisfy("\(error)".contains)
        }
    }

    /// A protocol 2 pickle of what ASCII characters say.
    private func pickle(_ text: String) -> [UInt8] { [0x80, 2] + Array(text.utf8) }

    /// `pickle.dumps(n, 2)` of Python 3.11.
    @Test func numbersAreReadAsPythonWritesThem() throws {
        let cases: [([UInt8], Int)] = [
            ([0x80, 2, 0x4B, 0xFF, 0x2E], 255), ([0x80, 2, 0x4D, 0xE9, 0x03, 0x2E], 1001),
            ([0x80, 2, 0x4A, 0xFE, 0xFF, 0xFF, 0xFF, 0x2E], -2),
            ([0x80, 2, 0x8A, 6, 0, 0, 0, 0, 0, 0xFF, 0x2E], -(1 << 40)), ([0x80, 2, 0x8A, 0, 0x2E], 0),
            ([0x80, 2, 0x8A, 8, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 0x2E], .max),
        ]
        for (bytes, expected) in cases {
            guard case (.integer(let number), _) = try run(bytes) else {
                Issue.record("\(bytes) is no integer")
                continue
            }
            #expect(number == expected)
        }
        guard
            case (.real(let number), _) = try run([0x80, 2, 0x47, 0x3F, 0xB9, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9A, 0x2E])
        else { throw PickleIsOther() }
        #expect(number == 0.1)
    }

    private struct PickleIsOther: Error {}

    /// `pickle.dumps(OrderedDict([("a", 1)]), 2)` of Python 2.7.
    @Test func orderedDictionariesOfPython2AreRead() throws {
        let pairs = "]q\u{1}]q\u{2}(U\u{1}aq\u{3}K\u{1}ea"
        let (value, heap) = try run(
            pickle("ccollections\nOrderedDict\nq\u{0}" + pairs) + [0x85, 0x71, 4, 0x52, 0x71, 5, 0x2E])
        guard case .integer(1)? = heap.entries(value)?["a"] else { throw PickleIsOther() }
    }

    @Test func whatNestsDeeplyOrContainsItselfIsFreed() throws {
        // A list within a list within … each a tuple of one.
        let nested = [0x80, 2, 0x29] + [UInt8](repeating: 0x85, count: 1_000_000) + [0x2E]
        _ = try run(nested)
        // l = []; l.append(l)
        _ = try run(pickle("]q\u{0}h\u{0}a."))
    }

    @Test func programsThatTakeMoreThanTheyGiveAreRefused() {
        expectRefusal(pickle("."), mentioning: "byte 2", "a value on the stack")
        expectRefusal(pickle("(."), mentioning: "a value on the stack")
        expectRefusal(pickle("]K\u{1}"), mentioning: "bytes more")
        expectRefusal(pickle("t."), mentioning: "mark")
        expectRefusal(pickle("K\u{1}K\u{1}a."), mentioning: "a list", "an int")
        expectRefusal(pickle("}(K\u{1}u."), mentioning: "a dict, keys and values")
        expectRefusal(pickle("h\u{7}."), mentioning: "none at 7")
        expectRefusal(pickle("K\u{1}(K\u{1}K\u{1}K\u{1}s."), mentioning: "a dict")
        expectRefusal(pickle("ctorch\nFloatStorage\n)R."), mentioning: "torch.FloatStorage")
        expectRefusal(pickle("ccollections\nOrderedDict\n)b."), mentioning: "collections.OrderedDict")
        expectRefusal(pickle("cbuiltins\neval\n."), mentioning: "'builtins.eval'")
        expectRefusal(pickle("ctorch\nload\n."), mentioning: "'torch.load'")
        expectRefusal(pickle("(lp0\n."), mentioning: "opcode 0x6c")
        expectRefusal([0x80, 5, 0x2E], mentioning: "protocol 5")
    }

    @Test func programsThatAskForMuchAreRefused() {
        expectRefusal(pickle(String(repeating: "K\u{1}", count: 70_000)), mentioning: "65536")
        expectRefusal(pickle(String(repeating: "(", count: 70_000)), mentioning: "65536")
        expectRefusal(pickle("X") + [0xFF, 0xFF, 0xFF, 0xFF], mentioning: "4294967295 bytes")
        expectRefusal(pickle("c" + String(repeating: "a", count: 70_000)), mentioning: "65536")
        // A thousand dictionaries, each of the same two thousand pairs.
        let pairs = Array("]q\u{0}(K\u{1}K\u{1}".utf8) + [0x86] + Array("q\u{1}".utf8)
        let list = Array(String(repeating: "h\u{1}", count: 1999).utf8) + [0x65, 0x85, 0x71, 2]
        let calls = String(repeating: "ccollections\nOrderedDict\nh\u{2}R", count: 1000)
        expectRefusal([0x80, 2] + pairs + list + Array(calls.utf8), mentioning: "1048576 entries")
    }
}
