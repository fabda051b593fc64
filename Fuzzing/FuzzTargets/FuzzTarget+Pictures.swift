import Imaging

extension FuzzTarget {
    /// Decodes a picture, whole and as networks want it, and makes their inputs of it.
    static func readPicture(_ bytes: [UInt8]) throws {
        let decoder = ImageDecoder(limits: limits)
        let whole = try decoder.decode(bytes)
        guard whole.pixels.count == 3 * whole.width * whole.height, whole.width * whole.height <= limits.maximumPixels
        else { fatalError("\(whole.width) × \(whole.height) pixels of \(whole.pixels.count) bytes") }
        // Which ones follows from the bytes, so that an input always does the same.
        let preprocessing = try preprocessings[bytes.count % preprocessings.count].get()
        let image = try decoder.decode(bytes, for: preprocessing)
        for view in ImageView.allCases {
            let tensor = preprocessing.tensor(image, view: view)
            guard tensor.count == preprocessing.width * preprocessing.height * preprocessing.channels,
                tensor.allSatisfy(\.isFinite)
            else { fatalError("a tensor of \(tensor.count) numbers, or one that is not finite") }
        }
    }

    /// What is decoded is small, that time goes to reading.
    private static let limits = ImageLimits(maximumBytes: 1 << 16, maximumPixels: 1 << 16, maximumSide: 1024)

    private static let preprocessings = Preprocessing.Resize.allCases.flatMap { resize in
        Interpolation.allCases.flatMap { interpolation in
            [[127.5], [124, 116, 104]].map { (mean: [Float]) in
                Result {
                    try Preprocessing(
                        width: 24, height: 32, resize: resize, interpolation: interpolation, cropFraction: 0.875,
                        mean: mean, standardDeviation: mean)
                }
            }
        }
    }
}
