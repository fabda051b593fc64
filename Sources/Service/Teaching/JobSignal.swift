import Inference

/// Wakes those who follow a job whenever something about it has changed; what, the store knows.
final class JobSignal: Sendable {
    private struct State {
        var followers: [String: [Int: AsyncStream<Void>.Continuation]] = [:]
        var next = 0
        var isEnded = false
    }

    private let state = Locked(State())

    /// An element for every change from now on; changes that come while the last is not taken are one. Ends when there
    /// will be no more.
    func changes(of job: String) -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let number = state.withLock { state -> Int? in
            if state.isEnded { return nil }
            state.next += 1
            state.followers[job, default: [:]][state.next] = continuation
            return state.next
        }
        guard let number else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in self?.leave(job, number) }
        return stream
    }

    func changed(_ job: String) {
        for follower in state.withLock({ Array($0.followers[job, default: [:]].values) }) { follower.yield() }
    }

    /// Lets everybody go.
    func end() {
        let followers = state.withLock { state in
            state.isEnded = true
            return state.followers.values.flatMap(\.values)
        }
        for follower in followers { follower.finish() }
    }

    private func leave(_ job: String, _ number: Int) {
        state.withLock { state in
            state.followers[job]?[number] = nil
            if state.followers[job]?.isEmpty == true { state.followers[job] = nil }
        }
    }
}
