/// What `torch.save({"w": tensor}, path)` writes, opcode by opcode, for tensors that no committed file should hold.
enum HandmadePickle {
    /// The state dict of one float32 tensor `w` of two axes, in storage `0`.
    static func stateDict(_ shape: [Int]) -> [UInt8] {
        let count = shape.reduce(1, *)
        let storage = "(" + text("storage") + "ctorch\nFloatStorage\n" + text("0") + text("cpu") + integer(count)
        let extents = shape.map(integer).joined()
        let pickle =
            "}" + text("w") + "ctorch._utils\n_rebuild_tensor_v2\n(" + storage + "tQ" + integer(0) + extents + "\u{86}"
            + integer(shape[1]) + integer(1) + "\u{86}\u{89}ccollections\nOrderedDict\n)RtRs."
        return bytes("\u{80}\u{2}" + pickle)
    }

    /// A file as before PyTorch 1.6: magic number, version, system, state dict, keys, then the storage.
    static func legacyFile(_ shape: [Int], _ payload: [UInt8]) -> [UInt8] {
        let magic: [UInt8] = [0x80, 2, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E]
        let version: [UInt8] = [0x80, 2, 0x4D, 0xE9, 0x03, 0x2E]
        let system = bytes("\u{80}\u{2}}" + text("little_endian") + "\u{88}s.")
        let keys = bytes("\u{80}\u{2}]" + text("0") + "a.")
        let count = payload.count / 4
        return magic + version + system + stateDict(shape) + keys
            + (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) } + payload
    }

    /// `BINUNICODE`
    private static func text(_ text: String) -> String { "X" + number(text.utf8.count) + text }

    /// `BININT`
    private static func integer(_ value: Int) -> String { "J" + number(value) }

    /// Four bytes, little-endian, each as the character of that number.
    private static func number(_ value: Int) -> String {
        String(String.UnicodeScalarView((0..<4).map { Unicode.Scalar(UInt8(truncatingIfNeeded: value >> (8 * $0))) }))
    }

    private static func bytes(_ text: String) -> [UInt8] { text.unicodeScalars.map { UInt8($0.value) } }
}
