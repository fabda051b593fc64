import Archives
import Service

/// Finds labelled images in a request's body: a form whose parts are named by labels, an archive whose folders are, JSON,
/// or one image for which the query has the label.
package struct LabelledUploadParser: Sendable {
    /// Images a request may carry.
    let imageLimit: Int
    let archiveLimits: Archive.Limits

    /// - Parameter unpackedLimit: the most bytes that may come out of an archive. Photos hardly shrink in one: four times
    ///   what a body may have by default leaves room for bitmaps, and none for bombs.
    package init(imageLimit: Int = 10_000, unpackedLimit: Int = 256 << 20) {
        self.imageLimit = imageLimit
        var limits = Archive.Limits()
        limits.totalBytes = unpackedLimit
        archiveLimits = limits
    }

    /// The labelled images of `body`. What is no image is skipped in archives, and refused elsewhere.
    ///
    /// As in ``ImageRequestParser`` the bytes decide what the body is, but for forms.
    ///
    /// - Parameters:
    ///   - label: of the query. It is then the label of all images, whatever parts and folders are called.
    ///   - check: called now and then while an archive is unpacked; by throwing it ends that.
    package func upload(
        contentType: String?, body: [UInt8], label: String?,
        check: () throws(Problem) -> Void = { () throws(Problem) in }
    ) throws(Problem) -> LabelledUpload {
        guard !body.isEmpty else { throw Problem(.noImage, "The body is empty. \(Self.howToSend)") }
        let type = try ParameterizedValue(contentType: contentType)
        var upload = LabelledUpload(imageLimit: imageLimit)
        switch type.value {
        case "multipart/form-data": try upload.addForm(type, body, label)
        case let other where other.hasPrefix("multipart/"):
            throw Problem(.unsupportedMediaType, "Expected multipart/form-data, found \(other.excerpt()).")
        case "application/json": try upload.addJSON(body, label)
        default:
            if Archive.isArchive(body) {
                try upload.addArchive(body, archiveLimits, label, check)
            } else if body.beginsAsJSON {
                try upload.addJSON(body, label)
            } else {
                guard imageMediaType(body) != nil else {
                    let failure = ImageFailure.unsupported(Array(body.prefix(1024)))
                    throw Problem(.unsupportedImage, "The body: \(failure.description). \(Self.howToSend)")
                }
                try upload.add(body[...], filename: nil, place: "the body") { () throws(Problem) in
                    guard let label else {
                        throw Problem(.missingLabel, "One image as the body needs its label in the query: ?label=…")
                    }
                    return label
                }
            }
        }
        return upload
    }

    /// Refuses an upload that has no image, for a route that needs some.
    static func check(_ upload: LabelledUpload) throws(Problem) {
        guard upload.images.isEmpty else { return }
        let found =
            upload.skippedCount == 0
            ? "" : " '\(upload.skipped.first ?? "")' is none, nor is any of \(upload.skippedCount) files."
        throw Problem(.noImage, "The request holds no image.\(found) \(howToSend)")
    }

    static let howToSend = """
        Send images as a form whose parts are named by their labels (curl -F road=@r1.jpg -F mountain=@m1.jpg), as a zip \
        or tar whose folders are labels (curl --data-binary @photos.zip), or in JSON: \
        {"images": [{"label": "road", "b64": "<base64>"}]}.
        """
}
