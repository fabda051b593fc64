import Foundation

/// The rule for labels of images, which become the classes of heads.
public enum ImageLabel {
    /// The label in Unicode's normalisation form C, so that labels which look the same are the same.
    ///
    /// - Throws: ``StoreError/invalidLabel(_:)`` where it has no characters, control characters or more than 256 bytes in
    ///   UTF-8.
    public static func normalized(_ label: String) throws(StoreError) -> String {
        let label = label.precomposedStringWithCanonicalMapping
        guard (1...256).contains(label.utf8.count), !label.unicodeScalars.contains(where: \.isControl) else {
            throw .invalidLabel(String(label.prefix(64)))
        }
        return label
    }
}

extension Unicode.Scalar {
    var isControl: Bool { properties.generalCategory == .control }
}
