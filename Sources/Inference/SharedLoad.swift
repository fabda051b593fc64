import Dispatch

/// A model's load, and those that wait for it: all get what becomes of it, and each may leave before.
final class SharedLoad: Sendable {
    private typealias Waiter = CheckedContinuation<LoadedModel, any Error>

    private struct State {
        var result: Result<LoadedModel, any Error>?
        var waiters: [Int: Waiter] = [:]
        var arrivals = 0
    }

    private let state = Locked(State())

    /// Waits for the model until `deadline`.
    ///
    /// - Throws: why it cannot be loaded, ``InferenceError/deadlinePassed``, or `CancellationError`.
    func model(until deadline: ContinuousClock.Instant?) async throws -> LoadedModel {
        let number = state.withLock { state in
            state.arrivals += 1
            return state.arrivals
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { enter(number, $0, until: deadline) }
        } onCancel: {
            leave(number, with: CancellationError())
        }
    }

    /// Answers all who wait, and who will.
    func finish(with result: Result<LoadedModel, any Error>) {
        let waiters = state.withLock { state in
            state.result = result
            defer { state.waiters = [:] }
            return state.waiters.values
        }
        for waiter in waiters { waiter.resume(with: result) }
    }

    private func enter(_ number: Int, _ waiter: Waiter, until deadline: ContinuousClock.Instant?) {
        let result = state.withLock { state -> Result<LoadedModel, any Error>? in
            if let result = state.result { return result }
            // It may have been cancelled before it could be told to leave.
            if Task.isCancelled { return .failure(CancellationError()) }
            state.waiters[number] = waiter
            return nil
        }
        if let result { return waiter.resume(with: result) }
        guard let deadline else { return }
        let wait = max(.zero, deadline - .now) / .milliseconds(1)
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(Int(min(wait, 1e9)))) { [weak self] in
            self?.leave(number, with: InferenceError.deadlinePassed)
        }
    }

    private func leave(_ number: Int, with error: any Error) {
        state.withLock { $0.waiters.removeValue(forKey: number) }?.resume(throwing: error)
    }
}
