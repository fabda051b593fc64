/// One part of a `multipart/form-data` body (RFC 7578 §4).
struct MultipartPart: Sendable {
    /// The form field's name.
    let name: String
    /// The name of the file, as the client gave it: text to show, never a path to open.
    let filename: String?
    /// The part's media type in lower case, without parameters.
    let mediaType: String?
    let content: ArraySlice<UInt8>
}

extension MultipartPart {
    /// Reads what a part's header says; `index` is its position in the body, for errors.
    init(header: MultipartHeader, content: ArraySlice<UInt8>, index: Int) throws(MultipartError) {
        guard let disposition = header["content-disposition"].flatMap({ ParameterizedValue($0) }),
            disposition.value == "form-data", let encodedName = disposition.bytes(of: "name")
        else { throw .missingName(part: index) }
        // Names tell parts apart: one that were repaired could become that of another.
        guard let name = String(validating: formDecoded(encodedName), as: UTF8.self) else {
            throw .nameEncoding(part: index)
        }
        if let encoding = header["content-transfer-encoding"].map({ String(decoding: $0, as: UTF8.self).lowercased() }),
            !["binary", "8bit", "7bit"].contains(encoding)
        {
            throw .transferEncoding(encoding, part: index)
        }
        self.name = name
        // RFC 7578 §4.2 forbids filename* in forms; clients send it all the same, and it is the better one (RFC 6266).
        filename =
            disposition["filename*"].flatMap(decodedExtendedValue)
            ?? disposition.bytes(of: "filename").map { String(decoding: formDecoded($0), as: UTF8.self) }
        mediaType = header["content-type"].flatMap { ParameterizedValue($0)?.value }
        self.content = content
    }
}
