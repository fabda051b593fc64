/// What tells one computation from another.
struct ResultKey: Hashable, Sendable {
    /// The SHA-256 of the encoded image.
    let content: [UInt8]
    /// ``LoadedModel/fingerprint``
    let model: String
    let layer: String
}

/// The latest results, bounded in bytes: what was not asked for the longest is forgotten first.
struct ResultCache {
    private struct Entry {
        let values: [Float]
        var older: ResultKey?
        var newer: ResultKey?
    }

    let capacity: Int
    private(set) var bytes = 0
    private var entries: [ResultKey: Entry] = [:]
    private var oldest: ResultKey?
    private var newest: ResultKey?

    /// - Parameter capacity: the most bytes of keys and values; 0 keeps nothing.
    init(capacity: Int) { self.capacity = capacity }

    var count: Int { entries.count }

    /// The values kept for a key, which becomes the newest.
    mutating func values(for key: ResultKey) -> [Float]? {
        guard let values = entries[key]?.values else { return nil }
        unlink(key)
        link(key, values)
        return values
    }

    mutating func insert(_ values: [Float], for key: ResultKey) {
        guard capacity > 0, entries[key] == nil else { return }
        let size = Self.size(key, values)
        guard size <= capacity else { return }
        link(key, values)
        bytes += size
        while bytes > capacity, let oldest { remove(oldest) }
    }

    private mutating func remove(_ key: ResultKey) {
        guard let entry = entries[key] else { return }
        unlink(key)
        bytes -= Self.size(key, entry.values)
    }

    private mutating func link(_ key: ResultKey, _ values: [Float]) {
        entries[key] = Entry(values: values, older: newest, newer: nil)
        if let newest { entries[newest]?.newer = key } else { oldest = key }
        newest = key
    }

    private mutating func unlink(_ key: ResultKey) {
        guard let entry = entries.removeValue(forKey: key) else { return }
        if let older = entry.older { entries[older]?.newer = entry.newer } else { oldest = entry.newer }
        if let newer = entry.newer { entries[newer]?.older = entry.older } else { newest = entry.older }
    }

    /// With what a dictionary's entry itself takes, about; the model's fingerprint is shared.
    private static func size(_ key: ResultKey, _ values: [Float]) -> Int {
        values.count * MemoryLayout<Float>.stride + key.content.count + key.layer.utf8.count + 224
    }
}
