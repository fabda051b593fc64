import Foundation
import Inference

/// How far a running job is: noted often, from any thread, and saved a few times a second, because each save waits for the disk.
final class JobProgress: Sendable {
    private static let interval = Duration.milliseconds(250)
    /// More points of a loss curve nobody can see.
    static let lossLimit = 1000

    private struct State {
        var stage = ""
        var fraction = 0.0
        var losses: [Double] = []
        var isSaved = true
    }

    private let job: String
    private let store: any Store
    private let onSave: @Sendable () -> Void
    private let state = Locked(State())

    init(job: String, store: any Store, onSave: @escaping @Sendable () -> Void) {
        self.job = job
        self.store = store
        self.onSave = onSave
    }

    /// Notes it; what is less than before is kept at that.
    func note(stage: String, fraction: Double, loss: Double? = nil) {
        state.withLock { state in
            state.stage = stage
            state.fraction = max(state.fraction, fraction)
            if let loss, loss.isFinite, state.losses.count < Self.lossLimit { state.losses.append(loss) }
            state.isSaved = false
        }
    }

    /// Runs `body`, and saves what it notes meanwhile.
    func saving<Value: Sendable>(_ body: @Sendable @escaping () async throws -> Value) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask { [self] in
                while (try? await Task.sleep(for: Self.interval)) != nil { try await save() }
                return nil
            }
            defer { group.cancelAll() }
            while let value = try await group.next() {
                if let value { return value }
            }
            throw CancellationError()
        }
    }

    private func save() async throws {
        let state = state.withLock { state -> State? in
            defer { state.isSaved = true }
            return state.isSaved ? nil : state
        }
        guard let state else { return }
        do throws(StoreError) {
            _ = try await store.updateJob(
                job, JobUpdate(stage: state.stage, progress: state.fraction),
                event: try? .progress(stage: state.stage, progress: state.fraction, loss: state.losses.last))
            onSave()
        } catch {
            // What is shown of a job may be late. That it has ended, or the store is closed, ends the work.
            switch error {
            case .jobEnded, .unknownJob, .closed: throw error
            default: return
            }
        }
    }
}
