/// Which codings of content the field `Accept-Encoding` allows (RFC 9110 section 12.5.3).
package struct AcceptedCodings {
    /// How much each is wanted, in thousandths; 0 not at all, `nil` where the field does not say.
    private var gzip: Int?
    private var identity: Int?
    private var others: Int?

    /// Reads the field in one pass and keeps none of it: there is room for thousands of codings in a head.
    package init(_ text: String) {
        for element in text.utf8.split(separator: UInt8(ascii: ",")) {
            let end = element.firstIndex(of: UInt8(ascii: ";"))
            let coding = Self.trimmed(element[..<(end ?? element.endIndex)])
            guard let weight = end.map({ Self.weight(element[$0...].dropFirst()) }) ?? 1000 else { continue }
            if Self.equal(coding, "gzip") || Self.equal(coding, "x-gzip") {
                gzip = weight
            } else if Self.equal(coding, "identity") {
                identity = weight
            } else if Self.equal(coding, "*") {
                others = weight
            }
        }
    }

    /// Whether content is better sent as gzip than as it is.
    package var preferGzip: Bool {
        let gzip = gzip ?? others ?? 0
        return gzip > 0 && gzip >= identity ?? 0
    }

    /// Whether content as it is must not be sent.
    package var forbidIdentity: Bool { (identity ?? others) == 0 }

    private static func trimmed(_ text: Substring.UTF8View) -> Substring.UTF8View {
        var text = text
        while text.first?.isBlank == true { text.removeFirst() }
        while text.last?.isBlank == true { text.removeLast() }
        return text
    }

    /// Whether they are the same but for the case of letters, which `word` has in lower case.
    private static func equal(_ text: Substring.UTF8View, _ word: String) -> Bool {
        text.elementsEqual(word.utf8) { $0 == $1 || ((65...90).contains($0) && $0 | 32 == $1) }
    }

    /// `q=0.5` (RFC 9110 section 12.4.2); `nil` where it is none.
    private static func weight(_ text: Substring.UTF8View) -> Int? {
        var rest = trimmed(text)
        guard let name = rest.popFirst(), name | 32 == UInt8(ascii: "q"), rest.popFirst() == UInt8(ascii: "="),
            let whole = rest.popFirst(), whole == UInt8(ascii: "0") || whole == UInt8(ascii: "1")
        else { return nil }
        var weight = whole == UInt8(ascii: "1") ? 1000 : 0
        guard let point = rest.popFirst() else { return weight }
        guard point == UInt8(ascii: "."), rest.count <= 3 else { return nil }
        var unit = 100
        for digit in rest {
            guard digit.isDigit else { return nil }
            weight += unit * Int(digit - UInt8(ascii: "0"))
            unit /= 10
        }
        return weight <= 1000 ? weight : nil
    }
}
