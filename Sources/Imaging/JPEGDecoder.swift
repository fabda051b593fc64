import CImaging

/// JPEG through libjpeg-turbo, with the accurate inverse DCT and the smooth chroma upsampling that Pillow uses.
@safe struct JPEGDecoder: ~Copyable {
    private let jpeg: OpaquePointer
    private let file: [UInt8]

    /// `bytes` must stay in place as long as the decoder is used.
    private init(_ bytes: UnsafeBufferPointer<UInt8>, of file: [UInt8]) throws(ImageError) {
        guard let jpeg = unsafe cimaging_jpeg_open(bytes.baseAddress, bytes.count) else { throw .outOfMemory }
        unsafe self.jpeg = unsafe jpeg
        self.file = file
    }

    deinit {
        unsafe cimaging_jpeg_close(jpeg)
    }

    /// - Parameter preprocessing: What the picture is for; if given, only the pixels that it needs are there.
    static func decode(
        _ file: [UInt8], limits: ImageLimits, for preprocessing: Preprocessing?
    ) throws(ImageError) -> RGBImage {
        try unsafe file.withUnsafeBufferPointer { bytes throws(ImageError) in
            try unsafe JPEGDecoder(bytes, of: file).decode(limits: limits, for: preprocessing)
        }
    }

    private consuming func decode(
        limits: ImageLimits, for preprocessing: Preprocessing?
    ) throws(ImageError) -> RGBImage {
        var header = cimaging_jpeg_header()
        try check(unsafe cimaging_jpeg_read_header(jpeg, &header))
        try limits.check(width: header.width, height: header.height)
        if header.hasManyScans {
            let scans = JPEGSegments(file, through: .file).scanCount
            guard scans <= limits.maximumScans else {
                throw .tooManyScans(count: scans, limit: limits.maximumScans)
            }
        }
        let orientation = JPEGSegments(file, through: .header).orientation
        var stored = Reduction(fullWidth: header.width, fullHeight: header.height)
        var region = PixelRegion(width: stored.width, height: stored.height)
        if let preprocessing {
            let upright = stored.upright(from: orientation)
            // Only powers of two have vector code in libjpeg-turbo.
            stored.factor = preprocessing.reductionFactor(width: upright.fullWidth, height: upright.fullHeight)
            let reduced = stored.upright(from: orientation)
            region = preprocessing.neededRegion(of: reduced)
                .upright(from: orientation.inverse, width: reduced.width, height: reduced.height)
        }
        let pixels = try readPixels(&region, factor: stored.factor, hasInks: header.hasInks)
        return RGBImage(region: region, of: stored, exactly: pixels).upright(from: orientation)
    }

    /// RGB8 of a region, which is widened to what is there.
    private func readPixels(
        _ region: inout PixelRegion, factor: Int, hasInks: Bool
    ) throws(ImageError) -> [UInt8] {
        var read = cimaging_jpeg_region(
            left: region.columns.lowerBound, top: region.rows.lowerBound, width: region.columns.count,
            height: region.rows.count)
        try check(unsafe cimaging_jpeg_begin(jpeg, UInt32(factor), &read))
        region.columns = read.left..<read.left + read.width
        let size = (hasInks ? 4 : 3) * read.width * read.height
        var isRead = false
        let pixels = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            isRead = unsafe cimaging_jpeg_read(jpeg, buffer.baseAddress)
            count = isRead ? size : 0
        }
        try check(isRead)
        return hasInks ? Self.rgb(fromInvertedCMYK: pixels) : pixels
    }

    private func check(_ succeeded: Bool) throws(ImageError) {
        guard !succeeded else { return }
        guard let text = unsafe cimaging_jpeg_message(jpeg) else { throw .broken(.jpeg, reason: "unknown reason") }
        throw unsafe .broken(.jpeg, reason: String(cString: text))
    }

    /// Four components are taken as inverted, with or without Adobe's marker, as Pillow takes them.
    private static func rgb(fromInvertedCMYK inks: [UInt8]) -> [UInt8] {
        let count = inks.count / 4
        return unsafe [UInt8](unsafeUninitializedCapacity: 3 * count) { buffer, initialized in
            if let output = buffer.baseAddress {
                unsafe cimaging_rgb_from_inverted_cmyk(inks, output, count)
                initialized = 3 * count
            }
        }
    }
}
