import CImaging

/// PNG through libspng: every colour type, bit depth and interlacing, to RGB8.
enum PNGDecoder {
    static func decode(_ bytes: [UInt8], limits: ImageLimits) throws(ImageError) -> RGBImage {
        let chunks = PNGChunks(bytes)
        let header = try readHeader(chunks.critical)
        let width = Int(header.width)
        let height = Int(header.height)
        try limits.check(width: width, height: height)
        var status: Int32 = 0
        let size = 3 * width * height
        let pixels = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            status = unsafe withContext(chunks.critical) { context in
                var needed = 0
                let sized = unsafe spng_decoded_image_size(context, formatRGB8, &needed)
                guard sized == 0 else { return sized }
                guard needed == size else { return Int32(SPNG_EBUFSIZ.rawValue) }
                let decoded = unsafe spng_decode_image(context, buffer.baseAddress, size, formatRGB8, 0)
                // The last row comes before the last checksum has been looked at, and before the end of the file.
                return decoded == 0 ? unsafe spng_decode_chunks(context) : decoded
            }
            count = status == 0 ? size : 0
        }
        try check(status)
        return RGBImage(width: width, height: height, exactly: pixels).upright(from: chunks.orientation)
    }

    private static let formatRGB8 = Int32(SPNG_FMT_RGB8.rawValue)

    private static func readHeader(_ file: [UInt8]) throws(ImageError) -> spng_ihdr {
        var header = spng_ihdr()
        try check(unsafe withContext(file) { context in unsafe spng_get_ihdr(context, &header) })
        return header
    }

    /// Runs `body` on a decoder of `file`, whose bytes stay in place meanwhile, and gives its status or that of the set-up.
    private static func withContext(_ file: [UInt8], _ body: (OpaquePointer) -> Int32) -> Int32 {
        guard let context = unsafe spng_ctx_new(0) else { return Int32(SPNG_EMEM.rawValue) }
        defer { unsafe spng_ctx_free(context) }
        return unsafe file.withUnsafeBytes { buffer in
            // A chunk is never larger than the file it lies in.
            let status = unsafe spng_set_chunk_limits(context, buffer.count, buffer.count)
            guard status == 0 else { return status }
            let opened = unsafe spng_set_png_buffer(context, buffer.baseAddress, buffer.count)
            return opened == 0 ? unsafe body(context) : opened
        }
    }

    private static func check(_ status: Int32) throws(ImageError) {
        guard status != 0 else { return }
        guard status != Int32(SPNG_EMEM.rawValue) else { throw .outOfMemory }
        guard let text = unsafe spng_strerror(status) else { throw .broken(.png, reason: "error \(status)") }
        throw unsafe .broken(.png, reason: String(cString: text))
    }
}
