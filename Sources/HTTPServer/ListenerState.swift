import Synchronization

/// What the connections of one listener share.
final class ListenerState: Sendable {
    let name: String

    init(_ listener: Listener) {
        name = listener.name
    }
}
