/// The media type of an image's file by its first bytes: of JPEG, PNG and WebP, which are read; `nil` for anything else. Whether
/// the file is whole is the decoder's to say.
func imageMediaType(_ bytes: some Collection<UInt8>) -> String? {
    if bytes.starts(with: [0xFF, 0xD8, 0xFF]) { return "image/jpeg" }
    if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) { return "image/png" }
    if bytes.starts(with: "RIFF".utf8), bytes.dropFirst(8).starts(with: "WEBP".utf8) { return "image/webp" }
    return nil
}
