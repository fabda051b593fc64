import Service

extension LabelledUpload {
    /// Adds the images of `{"images": [{"label": "road", "b64": "…", "filename": "…"}], …}`, and the other members as
    /// options. An image may be a base64 string alone where the query has the label. Without `images` there are options
    /// only.
    mutating func addJSON(_ body: [UInt8], _ label: String?) throws(Problem) {
        let message: JSONImages
        do throws(JSONError) {
            message = try JSONImages(
                body, limit: imageLimit, otherLimit: Self.optionLimit + 1, imageMembers: ["b64", "label", "filename"])
        } catch {
            throw Problem(.malformedRequest, "The body is not valid JSON (\(error)).")
        }
        if let mismatch = message.mismatch {
            throw Problem(
                .malformedRequest,
                #"\#(mismatch) Expected {"images": [{"label": "road", "b64": "<base64>"}]} and the job's options."#)
        }
        guard message.count <= imageLimit else { throw tooManyImages }
        for (name, value) in message.others { try add(JobOption(name: name, value: .json(value))) }
        for (index, image) in message.images.enumerated() {
            switch image.content {
            case .failure(let failure):
                throw Problem(failure.problemType, "images[\(index)]: \(failure.description).")
            case .success(let bytes):
                try add(bytes[...], filename: image.filename, place: "images[\(index)]") { () throws(Problem) in
                    guard let label = label ?? image.label else {
                        throw Problem(
                            .missingLabel, "images[\(index)] has no 'label', and the query gives none: ?label=…")
                    }
                    return label
                }
            }
        }
    }
}
