/// The heads of requests that have no content, as they were read lately: who asks for health, metrics or a job again and again
/// sends the same bytes, and reading them is a third of the work for an answer that is known.
///
/// A head means the same whenever it comes, so that equal bytes need not be read twice. Bytes are compared whole: two that
/// only share a slot replace one another.
package struct RecentHeads {
    private struct Entry {
        let bytes: [UInt8]
        let isSecure: Bool
        let head: RequestHead
    }

    /// Longer ones are not kept, which bounds the memory of all.
    private static let maximumBytes = 1 << 10

    private var entries = [Entry?](repeating: nil, count: 16)

    package init() {}

    /// The head that these bytes were, where they have been read lately.
    func head(of bytes: ArraySlice<UInt8>, isSecure: Bool) -> RequestHead? {
        guard let entry = entries[slot(of: bytes)], entry.isSecure == isSecure, entry.bytes[...] == bytes else {
            return nil
        }
        return entry.head
    }

    mutating func remember(_ head: RequestHead, of bytes: ArraySlice<UInt8>, isSecure: Bool) {
        guard bytes.count <= Self.maximumBytes, head.framing == .length(0) else { return }
        entries[slot(of: bytes)] = Entry(bytes: Array(bytes), isSecure: isSecure, head: head)
    }

    private func slot(of bytes: ArraySlice<UInt8>) -> Int { bytes.count % entries.count }
}
