import CImaging

/// PNG of every colour type and depth, by libspng.
struct PNGDecoder {
    let limits: ImageLimits

    /// The most bytes of one ancillary chunk (a colour profile, say), and of all that are kept.
    private static let maximumChunk = 8 << 20

    func decode(_ bytes: [UInt8]) throws(ImageError) -> RGBImage {
        guard let context = unsafe spng_ctx_new(0) else {
            throw .broken(.png, reason: "the decoder could not be started")
        }
        defer { unsafe spng_ctx_free(context) }
        // Held in place: the decoder keeps the address between its calls.
        let result = unsafe bytes.withUnsafeBytes { bytes in
            Result { () throws(ImageError) in try unsafe decode(bytes, context) }
        }
        return try result.get()
    }

    private func decode(_ bytes: UnsafeRawBufferPointer, _ context: OpaquePointer) throws(ImageError) -> RGBImage {
        try check(unsafe spng_set_image_limits(context, 1 << 30, 1 << 30))
        try check(unsafe spng_set_chunk_limits(context, Self.maximumChunk, Self.maximumChunk))
        try check(unsafe spng_set_png_buffer(context, bytes.baseAddress, bytes.count))
        var header = spng_ihdr()
        try check(unsafe spng_get_ihdr(context, &header))
        let count = try limits.check(width: Int(header.width), height: Int(header.height), .png)
        let format = Int32(SPNG_FMT_RGB8.rawValue)
        var size = 0
        try check(unsafe spng_decoded_image_size(context, format, &size))
        guard size == count else { throw .broken(.png, reason: "expected \(count) bytes of pixels, found \(size)") }
        var pixels = [UInt8](repeating: 0, count: count)
        try check(
            unsafe pixels.withUnsafeMutableBytes {
                unsafe spng_decode_image(context, $0.baseAddress, $0.count, format, 0)
            })
        let image = RGBImage(width: Int(header.width), height: Int(header.height), pixels: pixels)
        return image.oriented(unsafe orientation(context))
    }

    private func orientation(_ context: OpaquePointer) -> EXIFOrientation {
        var exif = unsafe spng_exif()
        guard unsafe spng_get_exif(context, &exif) == 0, let data = unsafe exif.data else { return .up }
        let bytes = unsafe UnsafeRawBufferPointer(start: data, count: exif.length)
        return unsafe EXIFOrientation(tiff: Array(bytes)[...])
    }

    private func check(_ status: Int32) throws(ImageError) {
        guard status != 0 else { return }
        throw .broken(.png, reason: unsafe String(cString: spng_strerror(status)))
    }
}
