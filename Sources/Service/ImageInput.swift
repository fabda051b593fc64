/// One image of a request: the bytes of its file, or why there are none.
public struct ImageInput: Sendable {
    /// The client's name for it, or its position in the request.
    public let id: String
    /// The name of the file, where the client gave one.
    public let filename: String?
    /// The encoded image (JPEG, PNG, WebP).
    public let content: Result<[UInt8], ImageFailure>

    public init(id: String, filename: String? = nil, content: Result<[UInt8], ImageFailure>) {
        self.id = id
        self.filename = filename
        self.content = content
    }
}

/// Why one image of a request has no result; the others of the request are not affected.
public struct ImageFailure: Error, Equatable, CustomStringConvertible {
    /// What is wrong with the image.
    public enum Kind: Sendable {
        /// Not a format that is read.
        case unsupported
        /// The right format, but damaged or incomplete.
        case broken
        /// More pixels than the limit.
        case tooManyPixels
        /// The request does not carry the image's bytes in a form that can be read (base64, say).
        case malformed
        /// The server had no memory to decode it; the same image may succeed later.
        case outOfMemory
    }

    public let kind: Kind
    /// One sentence: what was expected and what was found.
    public let description: String

    public init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
