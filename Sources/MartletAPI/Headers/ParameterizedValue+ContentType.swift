extension ParameterizedValue {
    /// The media type of a body; of one that has none, that it is just bytes (RFC 9110 §8.3).
    init(contentType: String?) throws(Problem) {
        let text = contentType.flatMap { $0.isEmpty ? nil : $0 } ?? "application/octet-stream"
        guard let type = ParameterizedValue(text.utf8) else {
            throw Problem(.malformedRequest, "Content-Type '\(text.excerpt())' cannot be read.")
        }
        self = type
    }
}
