/// Tells when a socket can be read or written, on the queue of its connection, to which it is confined.
final class SocketEvents {
    let descriptor: Int32
    private let poller: Poller
    private var readable: (() -> Void)?
    private var writable: (() -> Void)?
    private(set) var isReadingPaused = false

    init(descriptor: Int32, poller: Poller) {
        (self.descriptor, self.poller) = (descriptor, poller)
    }

    /// Calls `handler` whenever there is something to read, or the connection is lost.
    func startReading(_ handler: @escaping () -> Void) {
        readable = handler
        update()
    }

    func pauseReading() {
        guard !isReadingPaused else { return }
        isReadingPaused = true
        update()
    }

    /// - Returns: whether it was paused.
    @discardableResult
    func resumeReading() -> Bool {
        guard isReadingPaused else { return false }
        isReadingPaused = false
        update()
        return true
    }

    /// Calls `handler` whenever the socket can be written, or the connection is lost, until ``stopWriting()``.
    func startWriting(_ handler: @escaping () -> Void) {
        guard writable == nil else { return }
        writable = handler
        update()
    }

    func stopWriting() {
        guard writable != nil else { return }
        writable = nil
        update()
    }

    /// Calls no handler any more.
    ///
    /// - Parameter completion: called soon, on the queue: then nobody waits for the socket.
    func end(_ completion: @escaping @Sendable () -> Void) {
        (readable, writable) = (nil, nil)
        update()
        poller.queue.async(execute: completion)
    }

    func deliver(isReadable: Bool, isWritable: Bool) {
        if isReadable, !isReadingPaused { readable?() }
        if isWritable { writable?() }
    }

    /// Where the system has no memory for it, the connection's time-outs end it.
    private func update() {
        _ = poller.wait(for: self, reads: readable != nil && !isReadingPaused, writes: writable != nil)
    }
}
