extension String {
    /// As one word of a shell's command line (POSIX.1-2024, Shell Command Language, § 2.2.2).
    var quotedForShell: String {
        let isPlain =
            !isEmpty
            && utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"):
                    true
                default: "/._-+,@%".utf8.contains(byte)
                }
            }
        return isPlain ? self : "'\(replacing("'", with: #"'\''"#))'"
    }

    /// Without control characters, which a file's name may have and a terminal obeys.
    var printable: String {
        String(
            String.UnicodeScalarView(
                unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }))
    }
}
