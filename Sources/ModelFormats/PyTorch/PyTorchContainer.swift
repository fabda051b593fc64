/// Where a PyTorch file has its pickle and the bytes of its storages.
struct PyTorchContainer {
    /// What the pickle describes.
    let root: PickleValue
    let heap: PickleHeap
    /// The bytes of each storage, by its key.
    let records: [String: FileBytes]

    /// The zip that PyTorch writes since 1.6: `NAME/data.pkl`, and `NAME/data/KEY` for each storage.
    init(zip file: FileBytes) throws(ModelFormatError) {
        let zip = try StoredZip(file)
        guard !zip.entries.keys.contains(where: { $0.hasSuffix("/constants.pkl") }) else {
            throw file.unsupported(
                "zip", found: "a program of TorchScript", supported: "what torch.save(model.state_dict(), path) writes")
        }
        if let packed = zip.packed.min() {
            throw file.unsupported(
                "zip entry \(packed.quoted)", found: "compressed or encrypted bytes",
                supported: "stored ones, as torch.save writes them")
        }
        let entries = zip.entries
        let pickles = entries.keys.filter { $0.hasSuffix("/data.pkl") && $0.split(separator: "/").count == 2 }
        guard let pickle = pickles.first, pickles.count == 1, let bytes = entries[pickle] else {
            throw file.malformed("zip", expected: "one entry NAME/data.pkl", found: "\(pickles.count)")
        }
        let folder = pickle.dropLast("data.pkl".count)
        if let order = entries[folder + "byteorder"]?.string, order != "little" {
            throw file.unsupported("entry 'byteorder'", found: order.quoted, supported: "little")
        }
        let prefix = folder + "data/"
        var records: [String: FileBytes] = [:]
        for (path, bytes) in entries where path.hasPrefix(prefix) {
            records[String(path.dropFirst(prefix.count))] = bytes
        }
        var machine = PickleMachine(bytes)
        root = try machine.run()
        (heap, self.records) = (machine.heap, records)
    }

    /// The format before 1.6, in which many published weights still are: pickles of a magic number, a version, the
    /// writing machine's kind, the state dict and the storages' keys; then each storage, as a 64-bit count and elements.
    init(legacy file: FileBytes) throws(ModelFormatError) {
        var (position, values) = (0, [PickleValue]())
        var heaps: [PickleHeap] = []
        for _ in 0..<5 {
            var machine = PickleMachine(file, at: position)
            values.append(try machine.run())
            heaps.append(machine.heap)
            position = machine.position
        }
        if case .boolean(false)? = heaps[2].entries(values[2])?["little_endian"] {
            throw file.unsupported(
                "pickle of the system", found: "a big-endian one",
                supported: "little-endian ones, as torch.save(torch.load(path), path) on other machines writes")
        }
        (root, heap) = (values[3], heaps[3])
        let sizes = Self.sizes(of: heap)
        guard let keys = heaps[4].elements(values[4]) else {
            throw file.malformed("pickle of the keys", expected: "a list", found: values[4].kind)
        }
        var records: [String: FileBytes] = [:]
        for case .text(let key) in keys {
            let rest = file.count - position
            guard let size = sizes[key], rest >= 8, size.bytes <= rest - 8,
                file.littleEndian(at: position, as: Int64.self) == size.count
            else {
                throw file.malformed(
                    "storage \(key.quoted)", expected: "the \(sizes[key]?.bytes ?? 0) bytes of its tensors",
                    found: "another count, with \(rest) bytes left in the file")
            }
            records[key] = file[position + 8..<position + 8 + size.bytes]
            position += 8 + size.bytes
        }
        self.records = records
    }

    /// Of each storage that a tensor of the pickle views.
    private static func sizes(of heap: PickleHeap) -> [String: (count: Int, bytes: Int)] {
        var sizes: [String: (count: Int, bytes: Int)] = [:]
        for case .storage(let storage) in heap.sequences.joined() {
            sizes[storage.key] = (storage.count, storage.byteCount)
        }
        return sizes
    }

    /// Whether the bytes begin as a file before 1.6 does, with the pickle of a number of ten bytes.
    static func isLegacy(_ file: FileBytes) -> Bool {
        let magic: [UInt8] = [0x80, 2, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E]
        return file.count >= magic.count && file[0..<magic.count].copy == magic
    }
}
