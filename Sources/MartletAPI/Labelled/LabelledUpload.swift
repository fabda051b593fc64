import Service

/// The labelled images of a request, and what it says beside them.
package struct LabelledUpload: Sendable {
    /// How many files that are skipped are named; the others are counted.
    static let namedSkips = 100
    /// How many options there may be: there are not that many, but names that are not known get here too.
    static let optionLimit = 64

    package private(set) var images: [LabelledImage] = []
    /// What else the body says: a form's other fields, the other members of JSON.
    package private(set) var options: [JobOption] = []
    /// The names of an archive's first files that are no images.
    private(set) var skipped: [String] = []
    private(set) var skippedCount = 0

    let imageLimit: Int

    init(imageLimit: Int) { self.imageLimit = imageLimit }

    /// Adds an image that somebody chose, who has to know if it is none.
    ///
    /// - Parameter place: where it is in the request, for messages.
    mutating func add(
        _ bytes: ArraySlice<UInt8>, filename: String?, place: String, label: () throws(Problem) -> String
    ) throws(Problem) {
        guard imageMediaType(bytes) != nil else {
            let failure = ImageFailure.unsupported(Array(bytes.prefix(1024)))
            throw Problem(.unsupportedImage, "\(place): \(failure.description). Nothing was stored.")
        }
        try append(bytes, filename, label)
    }

    /// Adds a file of a folder if it is an image, and skips it if not: folders have all sorts of files beside images.
    ///
    /// - Parameter label: asked for only where the bytes are an image's.
    mutating func addOrSkip(
        _ bytes: ArraySlice<UInt8>, filename: String, label: () throws(Problem) -> String
    ) throws(Problem) {
        guard imageMediaType(bytes) != nil else {
            skippedCount += 1
            if skipped.count < Self.namedSkips { skipped.append(filename.excerpt()) }
            return
        }
        try append(bytes, filename, label)
    }

    private mutating func append(
        _ bytes: ArraySlice<UInt8>, _ filename: String?, _ label: () throws(Problem) -> String
    ) throws(Problem) {
        guard images.count < imageLimit else { throw tooManyImages }
        images.append(LabelledImage(label: try label(), filename: filename, bytes: bytes))
    }

    /// For who wrote `-F road=r1.jpg`.
    static let fileHint = "curl sends a file for an @ before its name: -F road=@r1.jpg."

    var tooManyImages: Problem {
        Problem(.tooManyImages, "At most \(imageLimit) images a request. Send them in several requests.")
            .with("limit", .integer(imageLimit))
    }

    mutating func add(_ option: JobOption) throws(Problem) {
        guard options.count < Self.optionLimit else {
            throw Problem(.malformedRequest, "There are more than \(Self.optionLimit) options beside the images.")
        }
        options.append(option)
    }

    /// Refuses what is said beside the images, for a route that takes nothing of it.
    func checkHasNoOptions() throws(Problem) {
        guard let option = options.first else { return }
        throw Problem(
            .unknownParameter,
            "'\(option.name.excerpt())' is neither an image nor known here. \(Self.fileHint)"
        ).with("parameter", .string(option.name.excerpt()))
    }
}

/// An image and what it shows.
package struct LabelledImage: Sendable {
    /// As the client wrote it; whether it may be one is for `NewImage` to say.
    package let label: String
    let filename: String?
    /// Of the request's body, where it holds the file as it is.
    package let bytes: ArraySlice<UInt8>
}

extension String {
    /// The beginning, for messages.
    func excerpt(_ count: Int = 80) -> String {
        let beginning = prefix(count)
        return beginning.endIndex == endIndex ? self : beginning + "…"
    }
}
