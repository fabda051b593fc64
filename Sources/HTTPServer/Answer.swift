import Synchronization

/// Where a handler that never suspends leaves its response; one that suspended finds the place taken.
final class Answer: Sendable {
    private final class Outcome: Sendable {
        let response: Response?
        init(_ response: Response?) { self.response = response }
    }

    /// Who comes first decides: the handler with its response, or the connection that goes on without one.
    private let outcome = AtomicLazyReference<Outcome>()

    /// Whether the response will be taken from here.
    func holds(_ response: Response) -> Bool {
        let mine = Outcome(response)
        return outcome.storeIfNil(mine) === mine
    }

    /// The response if it is there; later ones are not held.
    func take() -> Response? { outcome.storeIfNil(Outcome(nil)).response }
}
