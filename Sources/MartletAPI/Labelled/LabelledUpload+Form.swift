extension LabelledUpload {
    /// Adds the parts of a form: those that are files as images, the others as options.
    mutating func addForm(_ type: ParameterizedValue, _ body: [UInt8], _ label: String?) throws(Problem) {
        let parts: [MultipartPart]
        do throws(MultipartError) {
            parts = try MultipartParser(contentType: type, partLimit: imageLimit + Self.optionLimit).parts(of: body)
        } catch {
            if case .headerTooLarge = error { throw Problem(error, hint: Self.longNameHint) }
            throw Problem(error)
        }
        for part in parts where !part.isEmptyFileField && part.name != "_charset_" {
            if part.isFile {
                let place = "'\(part.filename ?? "")' of the form's part '\(part.name)'".excerpt(200)
                try add(part.content, filename: part.filename, place: place) { label ?? part.name }
            } else {
                try add(try JobOption(part))
            }
        }
    }
}

extension LabelledUpload {
    /// What a header that is too large mostly has.
    fileprivate static let longNameHint = " The part's name is the label, which may have at most 256 bytes."
}

extension JobOption {
    fileprivate init(_ part: MultipartPart) throws(Problem) {
        guard part.content.count <= JSONReader.maximumScalarBytes,
            let text = String(validating: part.content, as: UTF8.self)
        else {
            throw Problem(
                .malformedRequest,
                "The form field '\(part.name.excerpt())' is no image, and no text of at most "
                    + "\(JSONReader.maximumScalarBytes) bytes of UTF-8.")
        }
        self.init(name: part.name, value: .text(text))
    }
}
