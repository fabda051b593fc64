import Synchronization

/// What the connections of one listener share.
final class ListenerState: Sendable {
    let name: String
    /// How many connections there have been, and are.
    let accepted = Atomic(0)
    let open = Atomic(0)

    init(_ listener: Listener) {
        name = listener.name
    }

    func countConnection() {
        accepted.wrappingAdd(1, ordering: .relaxed)
        open.wrappingAdd(1, ordering: .relaxed)
    }

    func countEnd() { open.wrappingSubtract(1, ordering: .relaxed) }
}
