import Service

extension ImageRequestParser {
    /// The images of `{"images": ["<base64 or data: URL>", {"b64": "…", "id": "…", "filename": "…"}]}`.
    func jsonImages(_ body: [UInt8]) throws(Problem) -> [ImageInput] {
        let message: JSONImages
        do throws(JSONError) {
            message = try JSONImages(body, limit: imageLimit)
        } catch {
            throw .unexpectedJSON("The body is not valid JSON (\(error)).")
        }
        if let mismatch = message.mismatch { throw .unexpectedJSON(mismatch) }
        if message.isMissing { throw .unexpectedJSON("There is no 'images'.") }
        if let unknown = message.others.first?.name {
            throw Problem(
                .unknownParameter,
                "The JSON member '\(unknown)' is not known; expected 'images'. Parameters go into the query: ?\(unknown)=…"
            ).with("parameter", .string(unknown))
        }
        guard message.count <= imageLimit else { throw tooManyImages(message.count) }
        return message.images.enumerated().map { index, image in
            ImageInput(id: image.id ?? "\(index)", filename: image.filename, content: image.content)
        }
    }
}

extension Problem {
    fileprivate static func unexpectedJSON(_ found: String) -> Problem {
        Problem(
            .malformedRequest, #"\#(found) Expected {"images": ["<base64>", {"b64": "<base64>", "id": "…"}]}."#)
    }
}
