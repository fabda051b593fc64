import Dispatch

extension ConnectionLoop {
    /// A handler takes longer to read a body of more bytes than other connections should wait for: it runs elsewhere.
    private static let maximumQuickBody = 256 << 10

    /// Has a request handled.
    ///
    /// - Parameter answer: called on the loop's queue. Where the handler never waits, and the body is short, that is before
    ///   this returns.
    /// - Returns: what to cancel when the client leaves.
    func handle(_ request: Request, answer: @escaping @Sendable (Response) -> Void) -> Task<Void, Never> {
        guard request.body.count <= Self.maximumQuickBody else {
            return Task { [handler, queue] in
                let response = await handler(request)
                queue.async { answer(response) }
            }
        }
        return Task.immediate(executorPreference: executor) { [handler, queue] in
            let response = await handler(request)
            dispatchPrecondition(condition: .onQueue(queue))
            answer(response)
        }
    }

    /// Counts a refusal and returns its answer.
    func refusal(_ error: ProtocolError, of incoming: IncomingConnection) -> Response {
        counters.countRefusal(error.reason)
        logger.debug(
            "refused: \(error.detail)",
            metadata: ["client": "\(incoming.peer?.host ?? "")", "reason": "\(error.reason.rawValue)"])
        var response = configuration.refusal(error)
        if error.reason == .contentCoding { response.headerFields[.acceptEncoding] = "identity" }
        if let seconds = error.retryAfter { response.headerFields[.retryAfter] = "\(seconds)" }
        return response
    }
}
