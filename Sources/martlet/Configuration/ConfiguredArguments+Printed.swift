import Foundation

extension ConfiguredArguments {
    /// The effective configuration as a file that sets the same, each line with where it comes from.
    ///
    /// - Parameter derived: what is in effect of options that are not set and have no default of their own. It stays a comment:
    ///   on another machine it would be something else.
    func printed(derived: [String: String]) -> String {
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
            if !values.isEmpty {
                lines.append("\(setting.name): \(Self.yaml(values, setting))  # \(source.printable)")
            } else if let value = derived[setting.name] {
                lines.append("# \(setting.name): \(Self.yaml([value], setting))  # default")
            } else {
                lines.append("# \(setting.name):  # not set")
            }
        }
        return lines.joined(separator: "\n")
    }

    private static func yaml(_ values: [String], _ setting: Setting) -> String {
        let scalars = values.map { scalar($0, isSwitch: setting.isSwitch) }
        return setting.isRepeating ? "[\(scalars.joined(separator: ", "))]" : scalars[0]
    }

    /// In double quotes (YAML 1.2, § 7.3.1) what might mean something else without.
    private static func scalar(_ value: String, isSwitch: Bool) -> String {
        let words = isSwitch ? ["null"] : ["null", "true", "false"]
        let isPlain =
            value.wholeMatch(of: /[A-Za-z0-9.\/][A-Za-z0-9._\/+-]*/) != nil && !words.contains(value.lowercased())
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
