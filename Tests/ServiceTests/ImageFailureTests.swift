import Imaging
import Testing

@testable import Service

struct ImageFailureTests {
    @Test(arguments: [
        (ImageError.empty, ImageFailure.Kind.unsupported), (.unsupportedFormat(found: "text"), .unsupported),
        (.broken(.png, reason: "cut off"), .broken), (.tooManyPixels(width: 9, height: 9, limit: 80), .tooManyPixels),
        (.tooLarge(width: 9, height: 1, maximumSide: 8), .tooManyPixels),
        (.tooManyBytes(count: 9, limit: 8), .tooManyPixels),
        (.tooManyScans(count: 9, limit: 8), .tooManyPixels), (.outOfMemory, .outOfMemory),
    ])
    func anImagesFaultIsToldFromTheServers(_ error: ImageError, _ kind: ImageFailure.Kind) {
        let failure = ImageFailure(error)
        #expect(failure == ImageFailure(kind, error.description))
    }
}
