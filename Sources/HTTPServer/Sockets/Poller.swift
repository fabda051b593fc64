import CEpoll
import Dispatch
import Foundation

/// Tells which of the sockets of one queue can be read or written: epoll(7), and one source of Dispatch for all of them.
///
/// Not a source for each. Where a connection has hung up, libdispatch on Linux lets go of its source on the source's queue,
/// while the thread that delivers events may be using the same lists (source.c, "deferred deletion can be acknowledged"; every
/// other source is let go of on that thread): clients could crash the server by closing connections.
final class Poller {
    let queue: DispatchQueue
    let set: Int32
    private let source: any DispatchSourceRead
    private var sockets: [Int32: SocketEvents] = [:]
    private var events = [cepoll_event](repeating: cepoll_event(), count: Int(cepoll_most))

    /// - Throws: ``SocketError`` where there is no descriptor for it.
    init(queue: DispatchQueue) throws(SocketError) {
        self.queue = queue
        set = cepoll_create()
        guard set >= 0 else { throw .noPoller(reason: SocketError.reason(errno)) }
        source = DispatchSource.makeReadSource(fileDescriptor: set, queue: queue)
        source.setEventHandler { [weak self] in self?.deliver() }
        source.setCancelHandler { [set] in close(set) }
        source.resume()
    }

    deinit { source.cancel() }

    /// Waits for a socket, to be readable at first, until it is removed.
    ///
    /// - Returns: false where the system refuses, for want of memory or because its user waits for too many
    ///   (`/proc/sys/fs/epoll/max_user_watches`).
    func add(_ socket: SocketEvents) -> Bool {
        guard cepoll_add(set, socket.descriptor) else { return false }
        sockets[socket.descriptor] = socket
        return true
    }

    /// Waits for a socket to be readable, writable, both or neither from now on.
    func change(_ socket: SocketEvents, reads: Bool, writes: Bool) {
        cepoll_change(set, socket.descriptor, reads, writes)
    }

    func remove(_ socket: SocketEvents) {
        cepoll_remove(set, socket.descriptor)
        sockets[socket.descriptor] = nil
    }

    /// What is left over is told of at a later turn of the queue.
    private func deliver() {
        let count = unsafe events.withUnsafeMutableBufferPointer { unsafe cepoll_take(set, $0.baseAddress) }
        for event in events.prefix(Int(count)) {
            // It may have been let go of because of an event before.
            sockets[event.descriptor]?.deliver(isReadable: event.is_readable, isWritable: event.is_writable)
        }
    }
}
