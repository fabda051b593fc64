/// A preprocessing that no picture can go through.
public struct PreprocessingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The property of `Preprocessing` that is wrong.
    public let field: String
    public let expected: String
    public let found: String

    public init(field: String, expected: String, found: String) {
        self.field = field
        self.expected = expected
        self.found = found
    }

    public var description: String {
        "preprocessing: expected \(field) to be \(expected), found \(found)"
    }
}
