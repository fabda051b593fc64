import FoundationEssentials

extension [UInt8] {
    /// `value` as a JSON document, always the same bytes for the same value.
    init(json value: some Encodable) throws(ModelWriteError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            self = [UInt8](try encoder.encode(value))
        } catch {
            throw .invalid(reason: "\(error)")
        }
    }
}
