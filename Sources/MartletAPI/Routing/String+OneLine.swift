extension String {
    /// For logs: whoever asks must not be able to write lines of their own there, nor command a terminal. Control characters and
    /// what else breaks or reorders a line are written as `\\u{…}`.
    var onOneLine: String {
        guard unicodeScalars.contains(where: \.movesText) else { return self }
        return unicodeScalars.reduce(into: "") { line, scalar in
            line += scalar.movesText ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
        }
    }
}

extension Unicode.Scalar {
    fileprivate var movesText: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
