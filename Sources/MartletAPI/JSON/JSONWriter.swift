/// Appends JSON text (RFC 8259) to a byte array, with no tree in between: Foundation's encoder takes many times as long
/// for the large number arrays of `/embed`. The caller nests `object` and `array`; commas come by themselves.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []
    private var needsComma = false

    /// The text of one value that `write` writes.
    static func text(_ write: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter()
        write(&writer)
        return writer.bytes
    }

    mutating func object(_ members: (inout JSONWriter) -> Void) {
        nest("{", "}", members)
    }

    mutating func array(_ elements: (inout JSONWriter) -> Void) {
        nest("[", "]", elements)
    }

    /// The name of the member whose value is written next.
    mutating func name(_ name: String) {
        string(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    mutating func null() { literal("null") }

    /// One value that is JSON text already.
    mutating func raw(_ json: some Sequence<UInt8>) {
        separate()
        bytes.append(contentsOf: json)
    }

    mutating func bool(_ value: Bool) { literal(value ? "true" : "false") }

    mutating func integer(_ value: Int) { literal(value.description) }

    /// The shortest digits that read back as the same number; `null` for NaN and infinities, which JSON does not have.
    mutating func number(_ value: Double) { value.isFinite ? literal(value.description) : null() }

    /// As ``number(_:)-(Double)``; the digits are those a float32 needs.
    mutating func number(_ value: Float) { value.isFinite ? literal(value.description) : null() }

    mutating func numbers(_ values: [Float]) {
        bytes.reserveCapacity(bytes.count + values.count * 13)
        array { writer in
            for value in values { writer.number(value) }
        }
    }

    mutating func string(_ value: String) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case UInt8(ascii: "\n"): bytes.append(contentsOf: "\\n".utf8)
            case UInt8(ascii: "\r"): bytes.append(contentsOf: "\\r".utf8)
            case UInt8(ascii: "\t"): bytes.append(contentsOf: "\\t".utf8)
            case 0..<0x20:
                bytes.append(contentsOf: "\\u00".utf8)
                bytes.append(Self.hexadecimalDigits[Int(byte >> 4)])
                bytes.append(Self.hexadecimalDigits[Int(byte & 15)])
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static let hexadecimalDigits = Array("0123456789abcdef".utf8)

    private mutating func nest(_ open: Unicode.Scalar, _ close: Unicode.Scalar, _ content: (inout JSONWriter) -> Void) {
        separate()
        bytes.append(UInt8(ascii: open))
        needsComma = false
        content(&self)
        bytes.append(UInt8(ascii: close))
        needsComma = true
    }

    private mutating func literal(_ text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }
}
