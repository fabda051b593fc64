/// Whose turn something in the queue takes.
public struct QueueClient: Hashable, Sendable {
    /// Tells clients apart.
    public let name: String
    /// Turns that it has for one of a client with share 1.
    public let share: Int

    /// - Parameter share: one below 1 counts as 1.
    public init(_ name: String, share: Int = 1) {
        self.name = name
        self.share = max(1, share)
    }
}

extension QueueClient: ExpressibleByStringLiteral {
    public init(stringLiteral name: String) { self.init(name) }
}
