import Foundation

extension FineTuneOptions {
    /// As the store keeps it.
    func json() throws(StoreError) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        do { return try encoder.encode(self) } catch { throw .failed("\(error)") }
    }

    /// What a request with these options and images is known by: the options that are not as the defaults, so that it stays
    /// the same request for a later version that has more options.
    func digest(with images: [NewImage]) throws(StoreError) -> ContentDigest {
        let defaults = try FineTuneOptions().members()
        let changes = try members().filter { name, value in defaults[name] != value }
        var content: [UInt8] = []
        for (name, value) in changes.sorted(by: { $0.key < $1.key }) { content += Array("\(name)=\(value)\0".utf8) }
        for image in images {
            content += image.digest.bytes
            content += image.label.utf8
            content.append(0)
        }
        guard let digest = ContentDigest(of: content) else {
            throw .failed("OpenSSL refused to compute a SHA-256")
        }
        return digest
    }

    /// The values by their names on the wire, as text.
    private func members() throws(StoreError) -> [String: String] {
        do {
            let object = try JSONSerialization.jsonObject(with: json()) as? [String: Any] ?? [:]
            return object.mapValues { "\($0)" }
        } catch { throw .failed("\(error)") }
    }
}
