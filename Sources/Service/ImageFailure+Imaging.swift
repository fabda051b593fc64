import Imaging

extension ImageFailure {
    /// What an image error means for the request that carries the image.
    init(_ error: ImageError) {
        switch error {
        case .empty, .unsupportedFormat: self.init(.unsupported, error.description)
        case .broken: self.init(.broken, error.description)
        case .outOfMemory: self.init(.outOfMemory, error.description)
        case .tooManyPixels, .tooLarge, .tooManyBytes, .tooManyScans:
            self.init(.tooManyPixels, error.description)
        }
    }

    /// What is wrong with a file of no format that is read, by its first bytes.
    public static func unsupported(_ beginning: [UInt8]) -> ImageFailure {
        ImageFailure(ImageError.unsupportedFormat(of: beginning))
    }
}
