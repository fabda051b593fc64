import Foundation

extension ConfiguredArguments {
    /// The effective configuration as a file that sets the same, each line with where it comes from.
    var printed: String {
        var lines = ["# The effective configuration of martlet serve: defaults, file, environment and flags."]
        var section: String?
        for setting in settings where setting.isInFile {
            if setting.declaration.sectionTitle != section {
                section = setting.declaration.sectionTitle
                lines += ["", "# \(section ?? "Others")"]
            }
            let given = given[setting.name]
            let values = given?.values ?? setting.defaultValue.map { [$0] } ?? []
            let source = given.map { "\($0.source)" } ?? "default"
            lines.append(
                values.isEmpty
                    ? "# \(setting.name):  # not set"
                    : "\(setting.name): \(Self.yaml(values, isList: setting.isRepeating))  # \(source.printable)")
        }
        return lines.joined(separator: "\n")
    }

    private static func yaml(_ values: [String], isList: Bool) -> String {
        let scalars = values.map(scalar)
        return isList ? "[\(scalars.joined(separator: ", "))]" : scalars[0]
    }

    /// In double quotes (YAML 1.2, § 7.3.1) what might mean something else without.
    private static func scalar(_ value: String) -> String {
        let isPlain = value.wholeMatch(of: /[A-Za-z0-9.\/][A-Za-z0-9._\/+-]*/) != nil && value.lowercased() != "null"
        guard !isPlain else { return value }
        let escaped = value.unicodeScalars.map { scalar in
            switch scalar {
            case "\"", "\\": "\\\(scalar)"
            // Also what other readers take for the end of a line.
            case "\u{0}"..<" ", "\u{7F}"..."\u{9F}", "\u{2028}"..."\u{2029}":
                "\\u" + String(format: "%04x", scalar.value)
            default: String(scalar)
            }
        }
        return "\"\(escaped.joined())\""
    }
}
