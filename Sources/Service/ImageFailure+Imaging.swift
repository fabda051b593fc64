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
}
