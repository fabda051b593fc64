import Foundation

/// Shows on standard error how far a command is: on a terminal in a line that is drawn over and over, else with a line for
/// each stage and each tenth of the way that takes a second or more.
final class ProgressDisplay {
    private enum Style {
        case none, bar, lines
    }

    private static let interval = Duration.milliseconds(100)
    private static let eraseLine = "\r\u{1B}[K"

    private let style: Style
    private let start = ContinuousClock.now
    private var line: ProgressLine?
    private var lastDrawing: ContinuousClock.Instant?
    private var lastTenth = 0
    private var isDrawn = false

    init(isQuiet: Bool) {
        let isDumb = ["", "dumb"].contains(ProcessInfo.processInfo.environment["TERM"] ?? "")
        style = isQuiet ? .none : isatty(STDERR_FILENO) == 1 && !isDumb ? .bar : .lines
    }

    func show(_ line: ProgressLine) {
        let last = self.line
        self.line = line
        switch style {
        case .none: break
        case .bar: draw(isStage: last?.stage != line.stage)
        case .lines:
            let tenth = Int(10 * line.fraction)
            let now = ContinuousClock.now
            if last?.stage == line.stage, tenth == lastTenth || now - (lastDrawing ?? start) < .seconds(1) { return }
            (lastTenth, lastDrawing) = (tenth, now)
            StandardError.write(line.text(after: now - start))
        }
    }

    /// Draws the time that has passed.
    func refresh() {
        if style == .bar { draw(isStage: false) }
    }

    /// Writes a line that stays.
    func note(_ text: String) {
        erase()
        StandardError.write(text)
    }

    /// Leaves the terminal as it was.
    func end() { erase() }

    private func draw(isStage: Bool) {
        let now = ContinuousClock.now
        if !isStage, let lastDrawing, now - lastDrawing < Self.interval { return }
        guard let line else { return }
        lastDrawing = now
        isDrawn = true
        put(Self.eraseLine + line.bar(after: now - start, columns: Self.columns))
    }

    private func erase() {
        guard isDrawn else { return }
        isDrawn = false
        put(Self.eraseLine)
    }

    private func put(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }

    /// Asked each time: the window may have changed.
    private static var columns: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }
}
