import Foundation
import Yams

/// A YAML file of settings: one mapping of names to values, or to lists of them.
struct ConfigurationFile {
    /// Each setting is named in less than 100 bytes.
    private static let sizeLimit = 64 << 10

    let given: [String: GivenSetting]

    /// - Throws: ``SettingError`` with the file, the line, and what is wrong there.
    init(path: String, settings: [Setting]) throws {
        let root: Node?
        do { root = try Yams.compose(yaml: Self.text(of: path)) } catch let error as YamlError {
            throw SettingError("\(path)\(Self.text(of: error))")
        }
        guard let root else {
            given = [:]  // nothing but comments
            return
        }
        guard let mapping = root.mapping else {
            throw SettingError("\(path): expected 'key: value' on each line, found no mapping")
        }
        let known = settings.filter(\.isInFile).map(\.name)
        var given: [String: GivenSetting] = [:]
        for (key, value) in mapping {
            let name = key.scalar?.string ?? "…"
            let line = key.mark?.line ?? 1
            guard known.contains(name) else {
                throw SettingError("\(path), line \(line): unknown key '\(name)'; \(Self.advice(for: name, known))")
            }
            let source = GivenSetting.Source.file(path, line: line, key: name)
            guard let values = Self.values(of: value) else {
                throw SettingError("\(source): expected a value or a list of values, found \(Self.kind(of: value))")
            }
            if let setting = settings.first(where: { $0.name == name }) { try Self.check(value, for: setting, source) }
            given[name] = GivenSetting(values: values, source: source)
        }
        self.given = given
    }

    /// What the words alone would not tell: a list of one value, and `true` where nothing is to be turned on.
    private static func check(_ node: Node, for setting: Setting, _ source: GivenSetting.Source) throws {
        if let list = node.sequence, !setting.isRepeating {
            throw SettingError("\(source): takes one value, found a list of \(list.count)")
        }
        let scalars = node.scalar.map { [$0] } ?? node.sequence?.compactMap(\.scalar) ?? []
        if !setting.isSwitch, let found = scalars.first(where: isBoolean) {
            throw SettingError("\(source): is not on or off, found \(found.string); as a text it needs quotes")
        }
    }

    /// Where and what, without the lines of the file that Yams repeats.
    private static func text(of error: YamlError) -> String {
        switch error {
        case .duplicatedKeysInMapping(let duplicates, let context):
            let key = duplicates.min() ?? ""
            let lines = context.text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
            let found = lines.filter { isKey(key, in: $1) }.map { $0.offset + 1 }
            return ", line \(found.dropFirst().first ?? context.mark.line): '\(key.printable)' is there already"
                + (found.count > 1 ? ", in line \(found[0])" : "")
        default: return ": \(error)"
        }
    }

    private static func isKey(_ key: String, in line: some StringProtocol) -> Bool {
        let name = line.prefix { $0 != ":" }.trimmingCharacters(in: .whitespaces)
        return [key, "'\(key)'", "\"\(key)\""].contains(name)
    }

    private static func text(of path: String) throws -> String {
        let data: Data
        do {
            let file = try FileHandle(forReadingFrom: URL(filePath: path))
            defer { try? file.close() }
            data = try file.read(upToCount: sizeLimit + 1) ?? Data()
        } catch {
            throw SettingError("the configuration '\(path)' cannot be read: \(error.systemReason)")
        }
        guard data.count <= sizeLimit else {
            throw SettingError("the configuration '\(path)' has more than \(sizeLimit) bytes")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw SettingError("the configuration '\(path)' is not UTF-8")
        }
        return text
    }

    /// The scalars as they are written: what they mean is for the option to say.
    private static func values(of node: Node) -> [String]? {
        switch node {
        case .scalar(let scalar): isNull(scalar) ? nil : [scalar.string]
        case .sequence(let sequence):
            sequence.reduce(into: [String]?.some([])) { values, element in
                guard let scalar = element.scalar, !isNull(scalar) else { return values = nil }
                values?.append(scalar.string)
            }
        default: nil
        }
    }

    /// YAML 1.2, § 10.3.2.
    private static func isNull(_ scalar: Node.Scalar) -> Bool {
        scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    /// YAML 1.2, § 10.3.2.
    private static func isBoolean(_ scalar: Node.Scalar) -> Bool {
        scalar.style == .plain && ["true", "false"].contains(scalar.string.lowercased())
    }

    private static func kind(of node: Node) -> String {
        switch node {
        case .mapping: "a mapping"
        case .sequence: "a list of something else"
        default: "nothing"
        }
    }

    private static func advice(for name: String, _ known: [String]) -> String {
        name.nearest(of: known).map { "did you mean '\($0)'?" } ?? "'martlet serve --print-config' prints all keys"
    }
}
