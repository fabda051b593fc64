/// Why bytes did not become a picture.
public enum ImageError: Error, Sendable, Equatable {
    /// There are no bytes.
    case empty
    /// Not JPEG, PNG or WebP; `found` names what it looks like.
    case unsupportedFormat(found: String)
    /// The file begins as `format` but cannot be read to its end; `reason` comes from the format's library.
    case broken(ImageFormat, reason: String)
    /// The header announces more pixels than `ImageLimits.maximumPixels`.
    case tooManyPixels(width: Int, height: Int, limit: Int)
    /// The header announces a side longer than `ImageLimits.maximumSide`.
    case tooLarge(width: Int, height: Int, maximumSide: Int)
    /// The file has more bytes than `ImageLimits.maximumBytes`.
    case tooManyBytes(count: Int, limit: Int)
    /// A JPEG that repaints its pixels more often than `ImageLimits.maximumScans`.
    case tooManyScans(count: Int, limit: Int)
    /// A library could not get the little memory that its own state takes.
    case outOfMemory
}

extension ImageError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .empty:
            "the image is empty: expected the bytes of a JPEG, PNG or WebP file"
        case .unsupportedFormat(let found):
            "found \(found); JPEG, PNG and WebP are read"
        case .broken(let format, let reason):
            "the \(format.rawValue) file is broken: \(reason)"
        case .tooManyPixels(let width, let height, let limit):
            "the image has \(width) × \(height) pixels, more than the limit of \(limit); send it smaller"
        case .tooLarge(let width, let height, let maximumSide):
            "the image has \(width) × \(height) pixels, a side longer than the limit of \(maximumSide); send it smaller"
        case .tooManyBytes(let count, let limit):
            "the image has \(count) bytes, more than the limit of \(limit); send it smaller or more compressed"
        case .tooManyScans(let count, let limit):
            "the JPEG has \(count) scans, more than the limit of \(limit); save it as a baseline JPEG"
        case .outOfMemory:
            "not enough memory to decode the image; try again later"
        }
    }
}

extension ImageError {
    /// What is wrong with bytes that begin as none of ``ImageFormat``.
    public static func unsupportedFormat(of bytes: [UInt8]) -> ImageError {
        bytes.isEmpty ? .empty : .unsupportedFormat(found: ForeignFormat.name(of: bytes))
    }
}
