import CImaging

/// Still WebP images, lossy and lossless, by libwebp.
struct WebPDecoder {
    let limits: ImageLimits

    func decode(_ bytes: [UInt8]) throws(ImageError) -> RGBImage {
        var features = WebPBitstreamFeatures()
        let status = unsafe WebPGetFeatures(bytes, bytes.count, &features)
        guard status == VP8_STATUS_OK else { throw .broken(.webP, reason: Self.reason(status)) }
        guard features.has_animation == 0 else {
            throw .broken(.webP, reason: "it is an animation; still images are read")
        }
        let (width, height) = (Int(features.width), Int(features.height))
        let count = try limits.check(width: width, height: height, .webP)
        var pixels = [UInt8](repeating: 0, count: count)
        let decoded = unsafe pixels.withUnsafeMutableBufferPointer { target in
            unsafe WebPDecodeRGBInto(bytes, bytes.count, target.baseAddress, target.count, Int32(width * 3)) != nil
        }
        guard decoded else { throw .broken(.webP, reason: "its data is damaged or ends early") }
        return RGBImage(width: width, height: height, pixels: pixels)
    }

    private static func reason(_ status: VP8StatusCode) -> String {
        switch status {
        case VP8_STATUS_NOT_ENOUGH_DATA: "it ends early"
        case VP8_STATUS_UNSUPPORTED_FEATURE: "it uses a feature that libwebp does not know"
        case VP8_STATUS_OUT_OF_MEMORY: "there is not enough memory"
        default: "its header is damaged"
        }
    }
}
