/// A part of some content, as the field `Range` asks for it (RFC 9110 section 14).
package enum ByteRange {
    package enum Answer: Equatable {
        /// The whole content, as if nothing had been asked.
        case whole
        case part(Range<Int>)
        /// 416
        case unsatisfiable
    }

    /// What `Range: text` gets of `count` bytes. What cannot be read and other units are ignored, and so is a list of
    /// several parts, which section 14.2 allows: who asks for those can read the whole.
    package static func answer(to text: String, count: Int) -> Answer {
        let halves = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard halves.count == 2, halves[0].lowercased() == "bytes", count > 0 else { return .whole }
        let ends = halves[1].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard ends.count == 2, let first = position(ends[0]), let last = position(ends[1]) else { return .whole }
        switch (first, last) {
        case (nil, nil): return .whole
        case (nil, let suffix?): return suffix == 0 ? .unsatisfiable : .part(max(0, count - suffix)..<count)
        case (let first?, let last):
            if let last, last < first { return .whole }
            guard first < count else { return .unsatisfiable }
            return .part(first..<min(last ?? count - 1, count - 1) + 1)
        }
    }

    /// `nil` in the inner optional for no digits, in the outer one for anything but digits.
    private static func position(_ text: Substring) -> Int?? {
        let digits = text.utf8.drop(while: \.isBlank).reversed().drop(while: \.isBlank).reversed()
        guard digits.allSatisfy(\.isDigit) else { return nil }
        if digits.isEmpty { return .some(nil) }
        return .some(Int(String(decoding: digits, as: UTF8.self)) ?? .max)
    }
}
