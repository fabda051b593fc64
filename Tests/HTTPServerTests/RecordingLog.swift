import Logging
import Synchronization

/// Keeps what is logged, as `level: message`.
final class LogRecord: Sendable {
    private let recorded = Mutex<[String]>([])

    var lines: [String] { recorded.withLock { $0 } }

    private let level: Logger.Level

    init(_ level: Logger.Level = .info) { self.level = level }

    var logger: Logger { Logger(label: "test") { _ in RecordingLog(record: self, logLevel: level) } }

    fileprivate func append(_ line: String) { recorded.withLock { $0.append(line) } }
}

private struct RecordingLog: LogHandler {
    let record: LogRecord
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { record.append("\(event.level): \(event.message)") }
}
