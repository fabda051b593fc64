/// The types of elements that PyTorch stores, as the names of its storages begin.
enum PyTorchElementType: String {
    case float32 = "Float"
    case float64 = "Double"
    case float16 = "Half"
    case bfloat16 = "BFloat16"
    case int64 = "Long"
    case int32 = "Int"
    case int16 = "Short"
    case int8 = "Char"
    case uint8 = "Byte"
    case boolean = "Bool"

    /// `FloatStorage`, …; `nil` for another name.
    init?(storage name: String) {
        guard name.hasSuffix("Storage") else { return nil }
        self.init(rawValue: String(name.dropLast("Storage".count)))
    }

    var storageName: String { rawValue + "Storage" }

    /// Bytes an element.
    var size: Int {
        switch self {
        case .float64, .int64: 8
        case .float32, .int32: 4
        case .float16, .bfloat16, .int16: 2
        case .int8, .uint8, .boolean: 1
        }
    }
}
