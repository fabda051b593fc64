import CImaging

/// JPEG by TurboJPEG, with its accurate inverse DCT.
struct JPEGDecoder {
    let limits: ImageLimits

    /// - Parameter reduction: given the image's size, 1, 2, 4 or 8: what to divide it by while decoding.
    func decode(
        _ bytes: [UInt8], reduction: (_ width: Int, _ height: Int) -> Int
    ) throws(ImageError) -> RGBImage {
        guard let handle = unsafe tjInitDecompress() else {
            throw .broken(.jpeg, reason: "the decoder could not be started")
        }
        defer { unsafe tjDestroy(handle) }
        var (width, height, subsampling, colorspace) = (Int32(0), Int32(0), Int32(0), Int32(0))
        guard
            unsafe tjDecompressHeader3(
                handle, bytes, UInt(bytes.count), &width, &height, &subsampling, &colorspace) == 0
        else { throw unsafe Self.error(handle) }
        _ = try limits.check(width: Int(width), height: Int(height), .jpeg)
        let divisor = reduction(Int(width), Int(height))
        let size = (width: (Int(width) + divisor - 1) / divisor, height: (Int(height) + divisor - 1) / divisor)
        let isCMYK = colorspace == Int32(TJCS_CMYK.rawValue) || colorspace == Int32(TJCS_YCCK.rawValue)
        let format = isCMYK ? TJPF_CMYK.rawValue : TJPF_RGB.rawValue
        var pixels = [UInt8](repeating: 0, count: size.width * size.height * (isCMYK ? 4 : 3))
        let status = unsafe pixels.withUnsafeMutableBufferPointer { target in
            unsafe tjDecompress2(
                handle, bytes, UInt(bytes.count), target.baseAddress, Int32(size.width), 0, Int32(size.height),
                Int32(format), TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS)
        }
        if status != 0 {
            let error = unsafe Self.error(handle)
            // Pillow too forgives what the library can repair, but not an image that ends early.
            guard unsafe tjGetErrorCode(handle) == Int32(TJERR_WARNING.rawValue),
                !error.description.contains("remature end")
            else { throw error }
        }
        return RGBImage(
            width: size.width, height: size.height, pixels: isCMYK ? Self.rgb(invertedCMYK: pixels) : pixels)
    }

    private static func error(_ handle: tjhandle) -> ImageError {
        .broken(.jpeg, reason: unsafe String(cString: tjGetErrorStr2(handle)))
    }

    /// Adobe's files hold inverted ink: red is what cyan and black let through. Rounded as Pillow rounds.
    private static func rgb(invertedCMYK pixels: [UInt8]) -> [UInt8] {
        var rgb: [UInt8] = []
        rgb.reserveCapacity(pixels.count / 4 * 3)
        for start in stride(from: 0, to: pixels.count, by: 4) {
            let black = UInt32(pixels[start + 3])
            for channel in 0..<3 {
                let product = (255 - UInt32(pixels[start + channel])) * black + 128
                rgb.append(UInt8(clamping: black - ((product >> 8) + product) >> 8))
            }
        }
        return rgb
    }
}
