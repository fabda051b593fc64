import CImaging

/// WebP through libwebp: lossy, lossless, with alpha (dropped), and the first frame of an animation.
enum WebPDecoder {
    static func decode(_ bytes: [UInt8], limits: ImageLimits) throws(ImageError) -> RGBImage {
        let features = try features(of: bytes[...])
        let width = Int(features.width)
        let height = Int(features.height)
        try limits.check(width: width, height: height)
        let chunks = WebPChunks(bytes)
        var image: RGBImage
        if features.has_animation != 0 {
            guard let frame = chunks.firstFrame else { throw .broken(.webP, reason: "no frame in the animation") }
            image = try canvas(width, height, with: frame)
        } else {
            image = RGBImage(width: width, height: height, exactly: try pixels(bytes[...], width, height))
        }
        return image.upright(from: chunks.orientation)
    }

    private static func features(of bytes: ArraySlice<UInt8>) throws(ImageError) -> WebPBitstreamFeatures {
        var features = WebPBitstreamFeatures()
        let status = unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe WebPGetFeatures(buffer.baseAddress, buffer.count, &features)
        }
        try check(status)
        guard features.width > 0, features.height > 0 else {
            throw .broken(.webP, reason: "no width or height")
        }
        return features
    }

    private static func pixels(_ bytes: ArraySlice<UInt8>, _ width: Int, _ height: Int) throws(ImageError) -> [UInt8] {
        let stride = 3 * width
        var status = VP8_STATUS_OUT_OF_MEMORY
        let pixels = unsafe [UInt8](unsafeUninitializedCapacity: stride * height) { buffer, count in
            var config = unsafe WebPDecoderConfig()
            guard unsafe WebPInitDecoderConfig(&config) != 0 else { return }
            unsafe config.output.colorspace = MODE_RGB
            unsafe config.output.is_external_memory = 1
            unsafe config.output.u.RGBA.rgba = buffer.baseAddress
            unsafe config.output.u.RGBA.stride = Int32(stride)
            unsafe config.output.u.RGBA.size = stride * height
            status = unsafe bytes.withUnsafeBufferPointer { file in
                unsafe WebPDecode(file.baseAddress, file.count, &config)
            }
            count = status == VP8_STATUS_OK ? stride * height : 0
        }
        try check(status)
        return pixels
    }

    /// The frame on a black canvas.
    private static func canvas(
        _ width: Int, _ height: Int, with frame: WebPChunks.Frame
    ) throws(ImageError) -> RGBImage {
        let features = try features(of: frame.bitstream)
        guard Int(features.width) == frame.width, Int(features.height) == frame.height,
            frame.left + frame.width <= width, frame.top + frame.height <= height
        else { throw .broken(.webP, reason: "the first frame does not fit the canvas") }
        let painted = try pixels(frame.bitstream, frame.width, frame.height)
        guard (frame.width, frame.height) != (width, height) else {
            return RGBImage(width: width, height: height, exactly: painted)
        }
        var canvas = [UInt8](repeating: 0, count: 3 * width * height)
        for row in 0..<frame.height {
            let start = 3 * ((frame.top + row) * width + frame.left)
            let source = painted[3 * frame.width * row..<3 * frame.width * (row + 1)]
            canvas.replaceSubrange(start..<start + source.count, with: source)
        }
        return RGBImage(width: width, height: height, exactly: canvas)
    }

    private static func check(_ status: VP8StatusCode) throws(ImageError) {
        switch status {
        case VP8_STATUS_OK: return
        case VP8_STATUS_OUT_OF_MEMORY: throw .outOfMemory
        case VP8_STATUS_BITSTREAM_ERROR: throw .broken(.webP, reason: "the bitstream is damaged")
        case VP8_STATUS_NOT_ENOUGH_DATA: throw .broken(.webP, reason: "the file ends before the picture does")
        case VP8_STATUS_SUSPENDED: throw .broken(.webP, reason: "the file ends before the picture does")
        case VP8_STATUS_UNSUPPORTED_FEATURE: throw .broken(.webP, reason: "it has a feature that libwebp does not read")
        default: throw .broken(.webP, reason: "libwebp's status \(status.rawValue)")
        }
    }
}
