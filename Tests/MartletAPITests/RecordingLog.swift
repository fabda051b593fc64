import Logging
import Synchronization

/// Keeps what is logged.
final class RecordedLines: Sendable {
    let lines = Mutex<[String]>([])
}

struct RecordingLog: LogHandler {
    let recorded = RecordedLines()
    var logLevel = Logger.Level.trace
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { recorded.lines.withLock { $0.append("\(event.level): \(event.message)") } }
}
