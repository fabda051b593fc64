/// Where JSON text breaks RFC 8259, and what it should have there.
struct JSONError: Error, CustomStringConvertible {
    /// The byte's position in the text, from 0.
    let offset: Int
    let expected: String

    var description: String { "at byte \(offset), expected \(expected)" }
}
