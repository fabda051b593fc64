extension ContentDigest {
    /// Names what a dataset holds, for the provenance of a head: the SHA-256 over, for each image in the order of
    /// (digest, label), the 32 bytes of its digest, the label's length in bytes as a little-endian 32-bit number, and
    /// the label in UTF-8. Two datasets of the same images and labels have the same. `nil` where OpenSSL refuses.
    public init?(ofDataset images: [DatasetImage]) {
        var content: [UInt8] = []
        let sorted = images.sorted { first, second in
            first.digest == second.digest
                ? first.label.utf8.lexicographicallyPrecedes(second.label.utf8)
                : first.digest.bytes.lexicographicallyPrecedes(second.digest.bytes)
        }
        for image in sorted {
            let length = UInt32(image.label.utf8.count)
            content += image.digest.bytes
            content += (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
            content += image.label.utf8
        }
        self.init(of: content)
    }
}
