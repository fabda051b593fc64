/// True if the bytes begin as an image file does: JPEG, PNG, WebP, and formats that are recognised only to be refused
/// by name (GIF, BMP, TIFF). Decides whether a form field without a file name is an image; what can be read is the
/// decoder's to say.
func beginsAsImage(_ bytes: ArraySlice<UInt8>) -> Bool {
    let signatures: [[UInt8]] = [
        [0xFF, 0xD8, 0xFF], [0x89, 0x50, 0x4E, 0x47], Array("GIF8".utf8), Array("BM".utf8),
        [0x49, 0x49, 0x2A, 0x00], [0x4D, 0x4D, 0x00, 0x2A],
    ]
    if bytes.starts(with: "RIFF".utf8) { return bytes.dropFirst(8).starts(with: "WEBP".utf8) }
    return signatures.contains { bytes.starts(with: $0) }
}
