extension MultipartPart {
    /// Whether the part is a file and no text field: it says so, or its bytes do.
    var isFile: Bool {
        filename != nil || mediaType?.hasPrefix("image/") == true || imageMediaType(content) != nil
    }

    /// What a browser sends for a file field where no file was chosen.
    var isEmptyFileField: Bool { filename == "" && content.isEmpty }
}
