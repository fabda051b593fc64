import Foundation

/// The file of keys: JSON, for its owner only. It has the keys' digests, not their secrets.
public struct KeyFile: Sendable {
    public let path: String

    /// No server needs more keys; a file of another kind is not read whole.
    private static let largestSize = 16 << 20

    public init(path: String) { self.path = path }

    private struct Content: Codable {
        var keys: [APIKey]
    }

    // MARK: Reading

    /// The keys in the order in which they were added.
    ///
    /// - Throws: ``KeyFileError``.
    public func keys() throws(KeyFileError) -> [APIKey] {
        // O_NONBLOCK: opening a FIFO would wait for a writer.
        let file = unsafe open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { throw KeyFileError(reading: path, errno) }
        defer { close(file) }
        var status = stat()
        guard unsafe fstat(file, &status) == 0 else { throw KeyFileError(reading: path, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .unreadable(path: path, reason: "it is not a regular file")
        }
        guard let data = try? FileHandle(fileDescriptor: file).read(upToCount: Self.largestSize + 1) ?? Data() else {
            throw .unreadable(path: path, reason: "reading fails")
        }
        guard data.count <= Self.largestSize else {
            throw .malformed(path: path, reason: "it has more than \(Self.largestSize >> 20) MB")
        }
        return try parse(data)
    }

    private func parse(_ data: Data) throws(KeyFileError) -> [APIKey] {
        let keys: [APIKey]
        do {
            let decoder = JSONDecoder()
            decoder.dateDecodingStrategy = .iso8601
            keys = try decoder.decode(Content.self, from: data).keys
        } catch let error as DecodingError {
            throw .malformed(path: path, reason: error.reason)
        } catch { throw .malformed(path: path, reason: "\(error)") }
        for (field, values) in [("id", keys.map(\.id)), ("name", keys.map(\.name))] {
            var seen: Set<String> = []
            if let twice = values.first(where: { !seen.insert($0).inserted }) {
                throw .malformed(path: path, reason: "two keys have the \(field) '\(twice)'")
            }
        }
        return keys
    }

    // MARK: Changing

    /// Adds a key, and makes the file where it is missing.
    ///
    /// - Returns: the key's text, which is nowhere else.
    public func add(_ grant: APIKey.Grant, now: Date = .now) throws(KeyFileError) -> KeyText {
        try changing(creates: true) { keys throws(KeyFileError) in
            guard !keys.contains(where: { $0.name == grant.name }) else { throw .nameTaken(grant.name) }
            var text = KeyText.random()
            while keys.contains(where: { $0.id == text.id }) { text = .random() }
            // The file has whole seconds.
            let second = Date(timeIntervalSince1970: now.timeIntervalSince1970.rounded(.down))
            guard let key = APIKey(text, grant, created: second) else { throw .noDigest }
            keys.append(key)
            return text
        }
    }

    /// Removes the key of that id or name.
    public func remove(_ idOrName: String) throws(KeyFileError) -> APIKey {
        try changing(creates: false) { keys throws(KeyFileError) in
            guard let index = keys.firstIndex(where: { $0.id == idOrName || $0.name == idOrName }) else {
                throw .unknownKey(idOrName, path: path)
            }
            return keys.remove(at: index)
        }
    }

    /// One writer at a time: what another has added is not lost.
    private func changing<Value>(
        creates: Bool, _ change: (inout [APIKey]) throws(KeyFileError) -> Value
    ) throws(KeyFileError) -> Value {
        let replacement = try FileReplacement(path: path, creates: creates)
        defer { replacement.end() }
        var keys: [APIKey] = []
        do throws(KeyFileError) { keys = try self.keys() } catch {
            guard creates, case .missing = error else { throw error }
        }
        let value = try change(&keys)
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(Content(keys: keys)) else {
            throw .unwritable(path: path, reason: "the keys cannot be written as JSON")
        }
        try replacement.replace(with: data + Data("\n".utf8))
        return value
    }
}

extension DecodingError {
    /// Where, and what is wrong; Foundation's own words say more of Swift than of the file.
    fileprivate var reason: String {
        let (context, words): (Context, String) =
            switch self {
            case .keyNotFound(let key, let context): (context, "'\(key.stringValue)' is missing")
            case .dataCorrupted(let context) where context.codingPath.isEmpty: (context, "it is not valid JSON")
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
                (context, context.debugDescription)
            @unknown default: (Context(codingPath: [], debugDescription: ""), "\(self)")
            }
        // Foundation's are sentences, and this is a part of one.
        let what = words.hasSuffix(".") ? String(words.dropLast()) : words
        let place = context.codingPath.map { $0.intValue.map { "number \($0 + 1)" } ?? $0.stringValue }
        return place.isEmpty ? what : "\(place.joined(separator: ", ")): \(what)"
    }
}
