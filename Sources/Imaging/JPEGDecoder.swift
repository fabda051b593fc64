import CImaging

/// JPEG through TurboJPEG, with the accurate inverse DCT and the smooth chroma upsampling that Pillow uses.
///
/// A new handle for each picture takes 0.2 µs, so none is kept.
@safe struct JPEGDecoder: ~Copyable {
    private let handle: tjhandle

    init() throws(ImageError) {
        guard let handle = unsafe tjInitDecompress() else { throw .outOfMemory }
        unsafe self.handle = unsafe handle
    }

    deinit {
        unsafe tjDestroy(handle)
    }

    func decode(
        _ bytes: [UInt8], limits: ImageLimits, for preprocessing: Preprocessing?
    ) throws(ImageError) -> RGBImage {
        let header = try readHeader(bytes)
        try limits.check(width: header.width, height: header.height)
        let segments = JPEGSegments(bytes, through: .header)
        if segments.isProgressive {
            let scans = JPEGSegments(bytes, through: .file).scanCount
            guard scans <= limits.maximumScans else {
                throw .tooManyScans(count: scans, limit: limits.maximumScans)
            }
        }
        let upright = segments.orientation.swapsSides ? (header.height, header.width) : (header.width, header.height)
        // Only powers of two have vector code in libjpeg-turbo.
        let factor = preprocessing?.reductionFactor(width: upright.0, height: upright.1) ?? 1
        let width = (header.width + factor - 1) / factor
        let height = (header.height + factor - 1) / factor
        let pixels =
            header.hasInks
            ? Self.rgb(fromInvertedCMYK: try pixels(bytes, width, height, TJPF_CMYK, bytesPerPixel: 4))
            : try pixels(bytes, width, height, TJPF_RGB, bytesPerPixel: 3)
        let reduction = Reduction(factor: factor, fullWidth: header.width, fullHeight: header.height)
        return RGBImage(width: width, height: height, exactly: pixels, reduction: reduction)
            .upright(from: segments.orientation)
    }

    private struct Header {
        var width: Int
        var height: Int
        /// CMYK or YCCK.
        var hasInks: Bool
    }

    private func readHeader(_ bytes: [UInt8]) throws(ImageError) -> Header {
        var width: Int32 = 0
        var height: Int32 = 0
        var subsampling: Int32 = 0
        var colorSpace: Int32 = 0
        let status = unsafe tjDecompressHeader3(
            handle, bytes, UInt(bytes.count), &width, &height, &subsampling, &colorSpace)
        // An unusual subsampling is an error to this call alone: decoding to RGB knows them all.
        guard width > 0, height > 0 else {
            throw .broken(.jpeg, reason: status == 0 ? "no width or height" : message())
        }
        let hasInks = [TJCS_CMYK, TJCS_YCCK].contains { $0.rawValue == UInt32(bitPattern: colorSpace) }
        return Header(width: Int(width), height: Int(height), hasInks: hasInks)
    }

    private func pixels(
        _ bytes: [UInt8], _ width: Int, _ height: Int, _ format: TJPF, bytesPerPixel: Int
    ) throws(ImageError) -> [UInt8] {
        // TurboJPEG takes the largest scaling that fits the extents it is given, so it never writes past them.
        let stride = bytesPerPixel * width
        let flags = TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS
        var status: Int32 = -1
        let pixels = unsafe [UInt8](unsafeUninitializedCapacity: stride * height) { buffer, count in
            unsafe status = tjDecompress2(
                handle, bytes, UInt(bytes.count), buffer.baseAddress, Int32(width), Int32(stride), Int32(height),
                format.rawValue, flags)
            let isWritten = unsafe status == 0 || tjGetErrorCode(handle) == TJERR_WARNING.rawValue
            count = isWritten ? stride * height : 0
        }
        guard status == 0 || (!pixels.isEmpty && isBenign(message(), bytes)) else {
            throw .broken(.jpeg, reason: message())
        }
        return pixels
    }

    /// Whether a warning leaves the pixels as they were meant: stray bytes between segments, odd header fields.
    ///
    /// Missing or undecodable data is a warning to the library too (it paints the rest grey); here that is an error.
    /// Only the first warning can be read, so a file cut short after a benign one is found by its missing end.
    private func isBenign(_ warning: String, _ bytes: [UInt8]) -> Bool {
        let benign = [
            "extraneous bytes", "unknown JFIF revision", "Unknown Adobe color transform", "Inconsistent progression",
            "Invalid SOS parameters",
        ]
        return benign.contains(where: warning.contains) && JPEGSegments(bytes, through: .file).hasEndOfImage
    }

    private func message() -> String {
        guard let text = unsafe tjGetErrorStr2(handle) else { return "unknown reason" }
        return unsafe String(cString: text)
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
