import Service

extension ImageRequestParser {
    /// The parts of a form that have a file name or hold image bytes.
    func formImages(_ type: ParameterizedValue, _ body: [UInt8]) throws(Problem) -> [ImageInput] {
        let parts: [MultipartPart]
        do throws(MultipartError) {
            parts = try MultipartParser(contentType: type).parts(of: body)
        } catch {
            throw Problem(error)
        }
        var files: [MultipartPart] = []
        for part in parts where !part.isEmptyFileField && part.name != "_charset_" {
            guard part.isFile else {
                throw Problem(
                    .unknownParameter,
                    "The form field '\(part.name)' holds no image. Parameters go into the query: ?\(part.name)=…"
                ).with("parameter", .string(part.name))
            }
            files.append(part)
        }
        guard files.count <= imageLimit else { throw tooManyImages(files.count) }
        return files.enumerated().map { index, part in
            ImageInput(
                id: "\(index)", filename: part.filename,
                content: part.content.isEmpty
                    ? .failure(ImageFailure(.malformed, "the file is empty")) : .success(Array(part.content)))
        }
    }
}
