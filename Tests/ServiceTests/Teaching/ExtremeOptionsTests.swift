import Foundation
import Persistence
import Testing

@testable import Service

/// No option may end the process, or make a head or metrics with numbers that are not finite.
@Suite(.timeLimit(.minutes(5)))
struct ExtremeOptionsTests {
    private static let changes: [String: @Sendable (inout FineTuneOptions) -> Void] = [
        "step_size=100000.0": { ($0.solver, $0.stepSize) = (.gradientDescent, 1e5) },
        "step_size=1e+300": { ($0.solver, $0.stepSize, $0.l2) = (.gradientDescent, 1e300, 1) },
        "step_size=0.1": { ($0.solver, $0.stepSize, $0.l2, $0.iterations) = (.gradientDescent, 0.1, 5000, 2000) },
        "default step": { ($0.solver, $0.l2) = (.gradientDescent, 5000) },
        "default step, raw": { ($0.solver, $0.l2, $0.standardize) = (.gradientDescent, 1e300, false) },
        "default step and strength": { ($0.solver, $0.validation) = (.gradientDescent, 0) },
        "learning_rate=1e+17": { ($0.type, $0.learningRate, $0.epochs) = (.mlp, 1e17, 1) },
        "learning_rate=1e+300": { ($0.type, $0.learningRate, $0.epochs) = (.mlp, 1e300, 3) },
        "l2=1e+300": { ($0.type, $0.l2, $0.epochs) = (.mlp, 1e300, 3) },
        "no penalty": { ($0.l2, $0.standardize) = (0, false) },
        "strongest penalty": { $0.l2 = .greatestFiniteMagnitude },
        "dropout of nearly all": { ($0.type, $0.dropout, $0.epochs) = (.mlp, Double(1).nextDown, 3) },
        "energy": { ($0.solver, $0.iterations, $0.novelty) = (.gradientDescent, 1, .energy) },
    ]

    @Test(arguments: changes.keys.sorted()) func `a job makes a head of finite numbers, or names the option`(
        name: String
    ) async throws {
        let store = try await SQLiteStore.inMemory()
        let teaching = Teaching(store: store, networks: FakeNetworks())
        var options = FineTuneOptions()
        options.head = "h"
        let change = try #require(Self.changes[name])
        change(&options)
        let id = try await teaching.jobs.submit(options, images: roadsAndMountains(20)).job.id
        let job = try await teaching.jobs.job(id, endingWithin: .seconds(120))
        if name.contains("=") {
            #expect(job.state == .failed)
            #expect(job.error?.contains("\(name); try a smaller one") == true, "\(job.error ?? "")")
            return
        }
        #expect(job.state == .succeeded, "\(job.error ?? "")")
        let answers = try await teaching.heads.servedHead("h").answers(for: [[1, 0, 0, 0], [0, 1, 0, 0]])
        #expect(
            answers.allSatisfy { $0.probabilities.allSatisfy { $0.isFinite } && $0.novelty?.score.isFinite != false })
        let metrics = try #require(job.metrics)
        let json = try JSONSerialization.jsonObject(with: metrics) as? [String: Any]
        let fit = try #require(json?["fit"] as? [String: Any])
        #expect(json?["loss"] is [Double] && fit["objective"] is Double && fit["gradient_norm"] is Double)
    }
}
