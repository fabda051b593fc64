import Foundation
import Persistence
import Testing

@testable import Service

/// What requests get while the store has a change already, and its call goes on.
@Suite(.timeLimit(.minutes(2)))
struct HeadChangeTests {
    private let gate = Gate()

    /// Teaching whose changes of heads wait at the gate when they are committed; head 'bikes' has a served version 1.
    private func taught() async throws -> Teaching {
        gate.open()
        let store = StoreDouble(base: try await .inMemory(), afterHeadChange: { [gate] in await gate.pass() })
        let teaching = Teaching(store: store, networks: FakeNetworks())
        let job = try await teaching.jobs.submit(options(), images: roadsAndMountains()).job
        #expect(try await teaching.jobs.job(job.id, endingWithin: .seconds(60)).state == .succeeded)
        #expect(try await teaching.heads.servedHead("bikes").reference.version == 1)
        gate.close()
        return teaching
    }

    private func options() -> FineTuneOptions {
        var options = FineTuneOptions()
        options.head = "bikes"
        return options
    }

    private func version(served teaching: Teaching) async throws -> Int {
        try await teaching.heads.servedHead("bikes").reference.version
    }

    @Test func `a job that is said to have succeeded answers with its version`() async throws {
        let teaching = try await taught()
        let job = try await teaching.jobs.submit(options()).job
        while try await !teaching.jobs.job(job.id).state.isFinal { try await Task.sleep(for: .milliseconds(2)) }
        #expect(try await version(served: teaching) == 2)
        gate.open()
        _ = try await teaching.jobs.job(job.id, endingWithin: .seconds(60))
        #expect(try await version(served: teaching) == 2)
    }

    @Test func `a version that is promoted answers`() async throws {
        let teaching = try await taught()
        gate.open()
        var changed = options()
        changed.promote = false
        let job = try await teaching.jobs.submit(changed).job
        _ = try await teaching.jobs.job(job.id, endingWithin: .seconds(60))
        #expect(try await version(served: teaching) == 1)
        gate.close()
        async let promoted = teaching.heads.promote(2, of: "bikes")
        while try await teaching.store.head("bikes").promoted != 2 { try await Task.sleep(for: .milliseconds(2)) }
        #expect(try await version(served: teaching) == 2)
        gate.open()
        _ = try await promoted
        #expect(try await version(served: teaching) == 2)
    }

    @Test func `a head that is deleted does not answer any more`() async throws {
        let teaching = try await taught()
        async let deletion: Void = teaching.heads.delete("bikes")
        while try await !teaching.store.heads(after: nil, limit: 1).isEmpty {
            try await Task.sleep(for: .milliseconds(2))
        }
        for asked in [nil, 1] {
            await #expect(throws: TeachingError.self) { try await teaching.heads.servedHead("bikes", version: asked) }
        }
        gate.open()
        try await deletion
        await #expect(throws: TeachingError.self) { try await teaching.heads.servedHead("bikes") }
    }
}
