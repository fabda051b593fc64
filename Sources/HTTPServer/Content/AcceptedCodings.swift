/// Which codings of content the field `Accept-Encoding` allows (RFC 9110 section 12.5.3).
struct AcceptedCodings {
    /// How much each is wanted, in thousandths; 0 not at all.
    private var weights: [String: Int] = [:]

    init(_ text: String) {
        for element in text.split(separator: ",") {
            let parts = element.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false).map(Self.trimmed)
            guard let coding = parts.first, !coding.isEmpty else { continue }
            guard let weight = parts.count == 1 ? 1000 : Self.weight(parts[1]) else { continue }
            weights[coding == "x-gzip" ? "gzip" : coding] = weight
        }
    }

    /// Whether content is better sent as gzip than as it is.
    var preferGzip: Bool {
        let gzip = weights["gzip"] ?? weights["*"] ?? 0
        return gzip > 0 && gzip >= weights["identity"] ?? 0
    }

    /// Whether content as it is must not be sent.
    var forbidIdentity: Bool { (weights["identity"] ?? weights["*"]) == 0 }

    private static func trimmed(_ text: Substring) -> String {
        let word = text.utf8.drop(while: \.isBlank).reversed().drop(while: \.isBlank).reversed()
        return String(decoding: word, as: UTF8.self).lowercased()
    }

    /// `q=0.5` (RFC 9110 section 12.4.2).
    private static func weight(_ text: String) -> Int? {
        guard text.hasPrefix("q=") else { return nil }
        let parts = text.dropFirst(2).split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let decimals = parts.count == 2 ? parts[1] : ""
        guard parts[0] == "0" || parts[0] == "1", decimals.utf8.count <= 3, decimals.utf8.allSatisfy(\.isDigit) else {
            return nil
        }
        let padded = decimals + String(repeating: "0", count: 3 - decimals.utf8.count)
        guard let whole = Int(parts[0]), let thousandths = Int(padded) else { return nil }
        let weight = 1000 * whole + thousandths
        return weight <= 1000 ? weight : nil
    }
}
