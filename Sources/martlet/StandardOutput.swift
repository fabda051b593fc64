import Foundation

/// Where answers go; what is said about them goes to ``StandardError``.
enum StandardOutput {
    /// Not `print`, which hides that the disk is full.
    static func write(_ text: String) throws {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data("\(text)\n".utf8))
        } catch {
            throw OutputError(reason: error.systemReason)
        }
    }
}

enum StandardError {
    /// Where it cannot be written there is nobody to tell.
    static func write(_ line: String) {
        try? FileHandle.standardError.write(contentsOf: Data("\(line)\n".utf8))
    }
}

private struct OutputError: Error, CustomStringConvertible {
    let reason: String

    var description: String { "standard output cannot be written: \(reason)" }
}
