import Foundation

/// The rule for labels of images, which become the classes of heads.
public enum ImageLabel {
    /// The label in Unicode's normalisation form C, so that labels which look the same are the same.
    ///
    /// - Throws: ``StoreError/invalidLabel(_:)`` where it has no characters, characters that cannot be seen or more than
    ///   256 bytes in UTF-8.
    public static func normalized(_ label: String) throws(StoreError) -> String {
        let label = label.precomposedStringWithCanonicalMapping
        guard (1...256).contains(label.utf8.count), !label.unicodeScalars.contains(where: \.isInvisible) else {
            throw .invalidLabel(String(label.prefix(64)))
        }
        return label
    }
}

extension Unicode.Scalar {
    /// Two labels that differ in such characters look the same: control characters, those that turn the direction of text, and
    /// spaces without width. Joiners stay, which emoji and some scripts need.
    fileprivate var isInvisible: Bool {
        isControl || properties.isBidiControl || ["\u{200B}", "\u{2060}", "\u{FEFF}"].contains(self)
    }

    var isControl: Bool { properties.generalCategory == .control }
}
