/// Why bytes are not an image that can be used.
public enum ImageError: Error, Equatable, CustomStringConvertible {
    /// There are no bytes.
    case empty
    /// Another format, or none that is known.
    case unsupportedFormat(found: String)
    /// A format that is read, but damaged, incomplete, or of a kind that is not read.
    case broken(ImageFormat, reason: String)
    /// More pixels than the limit; found in the header, before anything is decoded.
    case tooManyPixels(width: Int, height: Int, limit: Int)

    public var description: String {
        switch self {
        case .empty: "the image is empty: expected the bytes of a JPEG, PNG or WebP file"
        case .unsupportedFormat(let found): "found \(found); JPEG, PNG and WebP are read"
        case .broken(let format, let reason): "the \(format.rawValue) cannot be decoded: \(reason)"
        case .tooManyPixels(let width, let height, let limit):
            "the image has \(width)×\(height) pixels; at most \(limit) are accepted"
        }
    }
}
