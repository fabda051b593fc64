/// What somebody set, and where.
struct GivenSetting {
    enum Source {
        case flag
        case variable(String)
        case file(String, line: Int, key: String)
    }

    let values: [String]
    let source: Source
}

extension GivenSetting.Source: CustomStringConvertible {
    var description: String {
        switch self {
        case .flag: "flag"
        case .variable(let name): name
        case .file(let path, let line, let key): "\(path), line \(line), '\(key)'"
        }
    }

    /// Where precedence lies: a flag goes before a variable, and that before the file.
    var isFlag: Bool { if case .flag = self { true } else { false } }
}
