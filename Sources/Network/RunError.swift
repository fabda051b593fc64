/// Why a plan was not run.
public enum RunError: Error, Equatable, CustomStringConvertible {
    /// There must be an image.
    case noImages(found: Int)
    /// The input is not `numbers` floats for each image.
    case inputCount(images: Int, numbers: Int, found: Int)
    /// The network has no such layer; `Plan.layers` has their names.
    case unknownLayer(String, output: String)
    /// The run would need more than `limit` floats of memory.
    case tooLarge(images: Int, limit: Int)

    public var description: String {
        switch self {
        case .noImages(let found):
            "expected at least 1 image, found \(found)"
        case .inputCount(let images, let numbers, let found):
            "expected \(images) × \(numbers) numbers for \(images) images, found \(found)"
        case .unknownLayer(let name, let output):
            "the network has no layer '\(name)'; ask for one that the model lists, or for its output '\(output)'"
        case .tooLarge(let images, let limit):
            """
            the layers asked for need more than \(limit) numbers of memory for \(images) images; ask for fewer layers \
            or send fewer images at a time
            """
        }
    }
}
