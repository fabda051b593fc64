/// The rule for names of datasets and heads, which stand in URLs and file names.
public enum StoreName {
    /// Whether `name` is 1 to 64 of the characters A–Z, a–z, 0–9, '.', '_' and '-', of which the first is a letter or digit.
    public static func isValid(_ name: String) -> Bool {
        guard (1...64).contains(name.utf8.count), let first = name.utf8.first, isAlphanumeric(first) else {
            return false
        }
        return name.utf8.allSatisfy { isAlphanumeric($0) || "._-".utf8.contains($0) }
    }

    /// - Throws: ``StoreError/invalidName(_:)``.
    public static func check(_ name: String) throws(StoreError) {
        guard isValid(name) else { throw .invalidName(name) }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }
}
