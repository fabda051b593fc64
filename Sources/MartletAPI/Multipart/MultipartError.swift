/// Why a `multipart/form-data` body cannot be read. Parts are counted from 0.
enum MultipartError: Error, Equatable, CustomStringConvertible {
    case missingBoundary
    case invalidBoundary
    case noBoundaryFound
    case missingFinalBoundary
    case tooManyParts(limit: Int)
    case headerTooLarge(part: Int, limit: Int)
    case malformedHeader(String, part: Int)
    case missingName(part: Int)
    case nameEncoding(part: Int)
    case transferEncoding(String, part: Int)

    var description: String {
        switch self {
        case .missingBoundary: "Content-Type has no 'boundary' parameter"
        case .invalidBoundary:
            "the boundary must be 1 to 70 of the characters of RFC 2046 §5.1.1, not ending in a space"
        case .noBoundaryFound: "the boundary that Content-Type names does not occur in the body"
        case .missingFinalBoundary: "the body ends before the final boundary"
        case .tooManyParts(let limit): "the form has more than \(limit) parts"
        case .headerTooLarge(let part, let limit): "the header of part \(part) is longer than \(limit) bytes"
        case .malformedHeader(let found, let part): "the header of part \(part) has \(found)"
        case .missingName(let part):
            "part \(part) has no valid 'Content-Disposition: form-data; name=\"…\"'"
        case .nameEncoding(let part): "the name of part \(part) is not UTF-8"
        case .transferEncoding(let encoding, let part):
            "part \(part) has Content-Transfer-Encoding '\(encoding)'; expected none, or binary"
        }
    }
}
