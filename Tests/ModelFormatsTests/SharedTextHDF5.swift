/// An HDF5 file whose root has many attributes, all of them one text of the global heap, which no program writes
/// (format specification, sections II.A, III.E and IV.A).
enum SharedTextHDF5 {
    /// - Parameter text: how many bytes it has.
    static func file(attributes names: [String], text: Int) -> [UInt8] {
        let superblockSize = 48
        let size = header(names, text, heap: 0).count
        let heap = superblockSize + size
        let collection = [1, 0, 0, 0].map { UInt8($0) } + number(text + 32, bytes: 8)
        let object = number(1, bytes: 8) + number(text, bytes: 8) + Array(repeating: UInt8(ascii: "a"), count: text)
        let contents = header(names, text, heap: heap) + Array("GCOL".utf8) + collection + object
        let superblock: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A, 2, 8, 8, 0]
        let addresses =
            number(0, bytes: 8) + number(-1, bytes: 8) + number(superblockSize + contents.count, bytes: 8)
            + number(superblockSize, bytes: 8) + number(0, bytes: 4)
        return superblock + addresses + contents
    }

    /// The root's, with an attribute message each.
    private static func header(_ names: [String], _ text: Int, heap: Int) -> [UInt8] {
        let messages = names.flatMap { name in
            let type = [0x19, 1, 0, 0, 16, 0, 0, 0].map { UInt8($0) }
            let scalar: [UInt8] = [2, 0, 0, 0]
            let sizes = [name.utf8.count + 1, type.count, scalar.count].flatMap { number($0, bytes: 2) }
            let data = number(text, bytes: 4) + number(heap, bytes: 8) + number(1, bytes: 4)
            let attribute: [UInt8] = [3, 0] + sizes + [0] + Array(name.utf8) + [0] + type + scalar + data
            return [12] + number(attribute.count, bytes: 2) + [0] + attribute
        }
        return Array("OHDR".utf8) + [2, 2] + number(messages.count, bytes: 4) + messages
    }

    /// Little-endian.
    private static func number(_ value: Int, bytes: Int) -> [UInt8] {
        (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}
