import FoundationEssentials

/// A POST of one image, written once and sent many times.
struct ImageRequest: Sendable {
    let file: String
    let head: [UInt8]
    let image: [UInt8]

    private static let types: [(signature: [UInt8], name: String)] = [
        ([0xFF, 0xD8, 0xFF], "image/jpeg"), ([0x89, 0x50, 0x4E, 0x47], "image/png"),
        ([0x52, 0x49, 0x46, 0x46], "image/webp"),
    ]

    /// - Parameters:
    ///   - isUnique: whether a ``UniqueTail`` follows the image, which Content-Length then includes.
    ///   - fields: further header fields, as `Name: value`.
    init(file: String, target: Target, isUnique: Bool, fields: [String]) throws(LoadError) {
        guard let bytes = try? Data(contentsOf: URL(filePath: file)) else { throw LoadError("\(file): cannot be read") }
        self.file = file
        let image = Array(bytes)
        guard let type = Self.types.first(where: { image.starts(with: $0.signature) })?.name else {
            throw LoadError("\(file): expected JPEG, PNG or WebP, found bytes \(Array(image.prefix(4)))")
        }
        self.image = image
        let length = image.count + (isUnique ? UniqueTail.length : 0)
        let lines =
            [
                "POST \(target.path) HTTP/1.1", "Host: \(target.authority)", "Content-Type: \(type)",
                "Content-Length: \(length)",
            ] + fields
        head = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }
}
