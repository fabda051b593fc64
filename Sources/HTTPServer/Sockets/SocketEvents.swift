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
    ///
    /// - Returns: false where the system refuses to wait for the socket.
    func start(readable handler: @escaping () -> Void) -> Bool {
        guard poller.add(self) else { return false }
        readable = handler
        return true
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
    /// - Parameter completion: called at a later turn of the queue. Only then may the descriptor be closed: another socket
    ///   would get its number while events of the old one are being told of. Nor must who set the handlers go before.
    func end(_ completion: @escaping @Sendable () -> Void) {
        if readable != nil { poller.remove(self) }
        (readable, writable) = (nil, nil)
        poller.queue.async(execute: completion)
    }

    func deliver(isReadable: Bool, isWritable: Bool) {
        if isReadable, !isReadingPaused { readable?() }
        if isWritable { writable?() }
    }

    private func update() {
        // Its descriptor may be another's by now.
        guard readable != nil else { return }
        poller.change(self, reads: !isReadingPaused, writes: writable != nil)
    }
}
