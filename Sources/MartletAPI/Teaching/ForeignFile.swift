import Archives

/// What somebody may take for a head's file.
public enum ForeignFile {
    /// What `bytes`, which are no head, look like, and where heads come from; `nil` where their beginning says nothing.
    public static func mistake(_ bytes: [UInt8]) -> String? {
        name(bytes).map { "this is \($0); a head is a .safetensors file that GET /heads/NAME/export gives" }
    }

    private static func name(_ bytes: [UInt8]) -> String? {
        switch imageMediaType(bytes) {
        case "image/jpeg": "a JPEG image"
        case "image/png": "a PNG image"
        case "image/webp": "a WebP image"
        default:
            if Archive.isArchive(bytes) {
                "an archive"
            } else if beginsAsONNX(bytes) {
                "an ONNX model"
            } else {
                nil
            }
        }
    }

    /// The fields of `ModelProto` (onnx.proto) have no magic number. All writers begin with `ir_version` (field 1, a number below
    /// 128) and go on with a field of bytes: `producer_name`, `graph` or another of 2 to 8.
    private static func beginsAsONNX(_ bytes: [UInt8]) -> Bool {
        guard bytes.count > 3, bytes[0] == 1 << 3, (1..<0x80).contains(bytes[1]) else { return false }
        return (2...8).contains(bytes[2] >> 3) && bytes[2] & 7 == 2
    }
}
