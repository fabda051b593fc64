import FoundationEssentials
import Glibc

extension Encodable {
    /// Prints JSON, on one line, and for people the summary, which goes to standard error so that a script reads JSON.
    func write(summary: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        print(String(decoding: try encoder.encode(self), as: UTF8.self))
        printError(summary)
    }
}

/// Prints a line on standard error, which is not buffered.
func printError(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = write(STDERR_FILENO, bytes, bytes.count)
}

/// To three decimals: microseconds, where milliseconds are given.
func rounded(_ number: Double) -> Double { (number * 1000).rounded() / 1000 }

/// `200: 31, 429: 7`, or `none`.
func countsText(_ counts: [String: Int]) -> String {
    counts.isEmpty
        ? "none" : counts.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
}
