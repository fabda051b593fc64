import Dispatch

/// Tells when a socket can be read or written, on the queue of its connection.
///
/// Confined to that queue. A suspended source can be neither cancelled nor let go of, and a descriptor must stay open until
/// every source on it has been cancelled: both are kept right here.
final class SocketEvents {
    private let descriptor: Int32
    private let queue: DispatchQueue
    private var reading: (any DispatchSourceRead)?
    private var writing: (any DispatchSourceWrite)?
    private(set) var isReadingPaused = false
    private var liveSources = 0
    private var ended: (() -> Void)?

    init(descriptor: Int32, queue: DispatchQueue) {
        (self.descriptor, self.queue) = (descriptor, queue)
    }

    func startReading(_ handler: @escaping () -> Void) {
        let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
        source.setEventHandler(handler: handler)
        own(source)
        reading = source
        source.resume()
    }

    func pauseReading() {
        guard !isReadingPaused else { return }
        isReadingPaused = true
        reading?.suspend()
    }

    /// - Returns: whether it was paused.
    @discardableResult
    func resumeReading() -> Bool {
        guard isReadingPaused else { return false }
        isReadingPaused = false
        reading?.resume()
        return true
    }

    /// Calls `handler` whenever the socket can be written, until ``stopWriting()``.
    func startWriting(_ handler: @escaping () -> Void) {
        guard writing == nil else { return }
        let source = DispatchSource.makeWriteSource(fileDescriptor: descriptor, queue: queue)
        source.setEventHandler(handler: handler)
        own(source)
        writing = source
        source.resume()
    }

    func stopWriting() {
        writing?.cancel()
        writing = nil
    }

    /// Calls no handler any more.
    ///
    /// - Parameter completion: called when the descriptor may be closed.
    func end(_ completion: @escaping () -> Void) {
        ended = completion
        resumeReading()
        reading?.cancel()
        reading = nil
        stopWriting()
    }

    private func own(_ source: any DispatchSourceProtocol) {
        liveSources += 1
        source.setCancelHandler { [self] in
            liveSources -= 1
            guard liveSources == 0, let ended else { return }
            self.ended = nil
            ended()
        }
    }
}
