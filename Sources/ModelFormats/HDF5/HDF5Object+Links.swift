/// Groups: names and what they lead to (format specification, sections III.A, III.C, III.D and IV.A.2.g).
extension HDF5Object {
    /// The addresses of a group's objects by name; none for a dataset. Links that lead out of the file are left out.
    func links() throws(ModelFormatError) -> [String: UInt64] {
        if let known = file.knownLinks[address] { return known }
        var links: [String: UInt64] = [:]
        for cursor in all(.link) {
            if let (name, address) = try link(cursor) { links[name] = address }
        }
        if var information = message(.linkInformation) {
            try information.skip(1)
            if try information.byte() & 1 != 0 { try information.skip(8) }
            guard try information.address() == HDF5File.undefinedAddress else {
                throw unsupported(
                    found: "a group whose links lie in a fractal heap (libver='latest')",
                    supported: "groups as h5py writes them by default")
            }
        }
        if var table = message(.symbolTable) {
            let (tree, heap) = (try table.address(), try table.address())
            try readTree(at: tree, names: try localHeap(at: heap), into: &links)
        }
        file.knownLinks[address] = links
        return links
    }

    /// The object that a relative path of names separated by `/` leads to; `nil` where there is none.
    func object(_ relativePath: String) throws(ModelFormatError) -> HDF5Object? {
        var object = self
        for name in relativePath.split(separator: "/") {
            guard let address = try object.links()[String(name)] else { return nil }
            object = try HDF5Object(file, at: address, path: "\(object.path == "/" ? "" : object.path)/\(name)")
        }
        return object
    }

    private func link(_ message: HDF5Cursor) throws(ModelFormatError) -> (name: String, address: UInt64)? {
        var cursor = message
        try cursor.skip(1)
        let flags = try cursor.byte()
        let isHard = flags & 8 == 0 ? true : try cursor.byte() == 0
        if flags & 4 != 0 { try cursor.skip(8) }
        if flags & 16 != 0 { try cursor.skip(1) }
        let count =
            switch flags & 3 {
            case 0: try cursor.byte()
            case 1: Int(try cursor.integer(UInt16.self))
            case 2: Int(try cursor.integer(UInt32.self))
            default: try cursor.length()
            }
        let name = try cursor.take(count).string
        guard isHard, let name else { return nil }
        return (name, try cursor.address())
    }

    private func localHeap(at address: UInt64) throws(ModelFormatError) -> FileBytes {
        var cursor = try file.cursor(at: address, "group \(path.quoted), local heap")
        try cursor.signature("HEAP")
        try cursor.skip(4)
        let count = try cursor.length()
        try cursor.skip(8)
        var segment = try file.cursor(at: try cursor.address(), cursor.location)
        return try segment.take(count)
    }

    /// Level by level: a tree whose levels do not fall has no end.
    private func readTree(
        at root: UInt64, names: FileBytes, into links: inout [String: UInt64]
    ) throws(ModelFormatError) {
        var pending = [(address: root, level: Int?.none)]
        while let (address, expectedLevel) = pending.popLast() {
            try file.spend(path)
            var cursor = try file.cursor(at: address, "group \(path.quoted), B-tree")
            try cursor.signature("TREE")
            let (kind, level) = (try cursor.byte(), try cursor.byte())
            guard kind == 0, expectedLevel.map({ $0 == level }) ?? true else {
                throw cursor.malformed(
                    expected: "a group's node of level \(expectedLevel ?? level)", found: "type \(kind), level \(level)"
                )
            }
            let count = Int(try cursor.integer(UInt16.self))
            try cursor.skip(16)
            for _ in 0..<count {
                try cursor.skip(8)
                let child = try cursor.address()
                if level == 0 {
                    try readSymbols(at: child, names: names, into: &links)
                } else {
                    try file.spend(path)
                    pending.append((child, level - 1))
                }
            }
        }
    }

    private func readSymbols(
        at address: UInt64, names: FileBytes, into links: inout [String: UInt64]
    ) throws(ModelFormatError) {
        var cursor = try file.cursor(at: address, "group \(path.quoted), symbols")
        try cursor.signature("SNOD")
        try cursor.skip(2)
        for _ in 0..<Int(try cursor.integer(UInt16.self)) {
            try file.spend(path)
            let (nameOffset, object) = (try cursor.length(), try cursor.address())
            let kind = try cursor.integer(UInt32.self)
            try cursor.skip(20)
            // 2: a symbolic link, which may lead in circles. Keras writes none.
            guard kind < 2 else { continue }
            links[try name(at: nameOffset, in: names)] = object
        }
    }

    /// The longest name that is read, in bytes.
    private static let nameLimit = 1024

    private func name(at offset: Int, in names: FileBytes) throws(ModelFormatError) -> String {
        guard offset < names.count else {
            throw malformed(expected: "a name's offset below \(names.count)", found: "\(offset)")
        }
        let text = names[offset..<min(names.count, offset + Self.nameLimit)]
        guard let end = text.copy.firstIndex(of: 0), let name = text[0..<end].string else {
            throw malformed(expected: "a name of UTF-8 text, at most \(Self.nameLimit) bytes", found: "other bytes")
        }
        return name
    }
}
