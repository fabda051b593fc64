import CCrypto

/// A name of content, as the field `ETag` has it (RFC 9110 section 8.8.3).
package struct EntityTag: Equatable {
    let isWeak: Bool
    /// What stands between the quotes.
    let opaque: [UInt8]

    /// The strong tag of these bytes: the first 128 bits of their SHA-256. `nil` where libcrypto refuses.
    init?(of bytes: [UInt8]) {
        var digest = [UInt8](repeating: 0, count: 32)
        guard unsafe ccrypto_sha256(bytes, bytes.count, &digest) else { return nil }
        let digits = Array("0123456789abcdef".utf8)
        self.init(isWeak: false, digest.prefix(16).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }

    /// A field's value of one tag.
    package init?(_ text: String) {
        var rest = Array(text.utf8)[...]
        guard let tag = Self.take(from: &rest), rest.isEmpty else { return nil }
        self = tag
    }

    private init(isWeak: Bool, _ opaque: some Sequence<UInt8>) {
        self.isWeak = isWeak
        self.opaque = Array(opaque)
    }

    /// The tag of the same content in a coding: other bytes, so another strong tag (RFC 9110 section 8.8.3.3).
    func coded(_ coding: String) -> EntityTag { EntityTag(isWeak: isWeak, opaque + "-\(coding)".utf8) }

    package var text: String { "\(isWeak ? "W/" : "")\"\(String(decoding: opaque, as: UTF8.self))\"" }

    /// RFC 9110 section 8.8.3.2.
    func matchesWeakly(_ other: EntityTag) -> Bool { opaque == other.opaque }
    func matchesStrongly(_ other: EntityTag) -> Bool { !isWeak && self == other }

    /// `[ "W/" ] DQUOTE *etagc DQUOTE`.
    private static func take(from rest: inout ArraySlice<UInt8>) -> EntityTag? {
        let isWeak = rest.starts(with: "W/".utf8)
        if isWeak { rest = rest.dropFirst(2) }
        guard rest.popFirst() == UInt8(ascii: "\"") else { return nil }
        let opaque = rest.prefix { $0 == 0x21 || ($0 >= 0x23 && $0 != 0x7F) }
        rest = rest.dropFirst(opaque.count)
        guard rest.popFirst() == UInt8(ascii: "\"") else { return nil }
        return EntityTag(isWeak: isWeak, opaque)
    }

    /// What `If-Match` and `If-None-Match` list (RFC 9110 section 13.1).
    package enum List: Equatable {
        /// `*`: whatever there is.
        case any
        case tags([EntityTag])

        /// What cannot be read lists nothing.
        package init(_ text: String) {
            if text == "*" {
                self = .any
                return
            }
            var (rest, tags) = (Array(text.utf8)[...], [EntityTag]())
            while true {
                rest = rest.drop { $0.isBlank || $0 == UInt8(ascii: ",") }
                guard !rest.isEmpty else { break }
                guard let tag = EntityTag.take(from: &rest) else {
                    tags = []
                    break
                }
                tags.append(tag)
                rest = rest.drop(while: \.isBlank)
                guard rest.isEmpty || rest.first == UInt8(ascii: ",") else {
                    tags = []
                    break
                }
            }
            self = .tags(tags)
        }
    }
}
