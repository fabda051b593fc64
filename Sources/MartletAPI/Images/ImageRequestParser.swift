import Service

/// Finds the images in a request's body: the raw file, a form, or JSON.
package struct ImageRequestParser: Sendable {
    /// Images a request may carry.
    let imageLimit: Int

    package init(imageLimit: Int) { self.imageLimit = imageLimit }

    /// The images of `body` in their order, with their positions as ids where the client gives none.
    ///
    /// The `Content-Type` only says whether the body is a form or JSON. Any other body is the image itself, whatever
    /// it is called (`curl --data-binary` calls everything `application/x-www-form-urlencoded`), or JSON if it begins
    /// with a bracket, as no image does: `curl -d '{"images": …}'`.
    package func images(contentType: String?, body: [UInt8]) throws(Problem) -> [ImageInput] {
        guard !body.isEmpty else { throw Problem(.noImage, "The body is empty. \(Self.howToSend)") }
        let type = try ParameterizedValue(contentType: contentType)
        let images =
            switch type.value {
            case "multipart/form-data": try formImages(type, body)
            case let other where other.hasPrefix("multipart/"):
                throw Problem(.unsupportedMediaType, "Expected multipart/form-data, found \(other.excerpt()).")
            case "application/json": try jsonImages(body)
            default: body.beginsAsJSON ? try jsonImages(body) : [rawImage(body)]
            }
        guard !images.isEmpty else { throw Problem(.noImage, "The request holds no image. \(Self.howToSend)") }
        return images
    }

    func tooManyImages(_ count: Int) -> Problem {
        Problem(
            .tooManyImages, "At most \(imageLimit) images a request, found \(count). Send them in several requests."
        )
        .with("limit", .integer(imageLimit))
    }

    private func rawImage(_ body: [UInt8]) -> ImageInput { ImageInput(id: "0", content: .success(body)) }

    private static let howToSend = """
        Send an image file as the body (curl --data-binary @photo.jpg), as a form (curl -F image=@photo.jpg), or in \
        JSON: {"images": ["<base64>"]}.
        """
}
