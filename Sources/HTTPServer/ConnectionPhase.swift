/// What a connection is at.
enum ConnectionPhase {
    /// Between requests, or inside one.
    case reading
    /// A handler works on a request; the task is cancelled when the client leaves.
    case handling
    /// An answer, or a chunk of its stream, is being sent.
    case writing
    /// The next chunk of an answer is being made; the task is cancelled when the client leaves.
    case streaming
    /// All is sent; what the client still sends is dropped until it closes, so that it can read the answer
    /// (RFC 9112 section 9.6).
    case lingering
    case closed
}
