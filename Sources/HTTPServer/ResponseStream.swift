/// Content that is made while it is sent: events, say, or what is too long for memory.
///
/// Chunks are asked for one by one, each when the one before has been handed to the kernel, in a task that runs on the
/// connection's queue: it must not block. The task is cancelled when the client leaves, or closes its sending side, which
/// looks the same.
///
/// A server that stops gives streams a second to end by themselves, and then ends them as if they had: content that
/// must not be cut there says at its end that it is complete.
public struct ResponseStream: Sendable {
    /// Sends chunk after chunk through `send`, which returns false when no more is wanted.
    let run: @Sendable (_ send: @Sendable ([UInt8]) async -> Bool) async -> Void

    /// - Parameter next: gives the next bytes, `nil` at the end; called in one task, never twice at the same time.
    public init(_ next: @escaping @Sendable () async -> [UInt8]?) {
        run = { send in
            while let chunk = await next() {
                // An empty chunk would end the content.
                guard chunk.isEmpty ? !Task.isCancelled : await send(chunk) else { return }
            }
        }
    }

    public init(_ chunks: some AsyncSequence<[UInt8], Never> & Sendable) {
        run = { send in
            for await chunk in chunks {
                guard chunk.isEmpty ? !Task.isCancelled : await send(chunk) else { return }
            }
        }
    }
}
