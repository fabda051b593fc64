import Imaging

extension ImageFailure {
    /// What an image error means for the request that carries the image.
    init(_ error: ImageError) {
        switch error {
        case .empty, .unsupportedFormat: self.init(.unsupported, error.description)
        case .broken, .outOfMemory: self.init(.broken, error.description)
        case .tooManyPixels, .tooLarge, .tooManyBytes, .tooManyScans:
            self.init(.tooManyPixels, error.description)
        }
    }
}
