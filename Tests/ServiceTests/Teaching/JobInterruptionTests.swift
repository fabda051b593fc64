import Foundation
import Persistence
import Testing

@testable import Service

@Suite(.timeLimit(.minutes(2)))
struct JobInterruptionTests {
    private func queue(in store: SQLiteStore) async throws -> Job {
        try await store.createJob(
            NewJob(head: "h", dataset: "d", model: "net", request: Data("{}".utf8)), images: roadsAndMountains(),
            retention: .images
        ).job
    }

    @Test(arguments: [(2, JobState.succeeded), (3, .failed)])
    func `a job that ended the process three times is not taken up again`(_ count: Int, _ state: JobState) async throws
    {
        let store = try await SQLiteStore.inMemory()
        let job = try await queue(in: store)
        for _ in 0..<count { _ = try await store.startJob(job.id) }
        let teaching = Teaching(store: store, networks: FakeNetworks())
        await teaching.jobs.start()
        let ended = try await teaching.jobs.job(job.id, endingWithin: .seconds(60))
        #expect(ended.state == state, "\(ended)")
        if state == .failed { #expect(ended.error?.contains("the server ended 3 times") == true, "\(ended)") }
    }

    @Test func `a job that is laid down by a stop is not counted, however often`() async throws {
        let store = try await SQLiteStore.inMemory()
        let job = try await queue(in: store)
        for _ in 0..<4 {
            let networks = FakeNetworks()
            networks.record.close(after: 0)
            let teaching = Teaching(store: store, networks: networks)
            await teaching.jobs.start()
            while try await store.job(job.id).state != .running { try await Task.sleep(for: .milliseconds(2)) }
            await teaching.jobs.stop()
            let laidDown = try await store.job(job.id)
            #expect(laidDown.state == .queued && laidDown.interruptions == 0)
        }
    }

    @Test func `a job that the runner finds when it is stopped is not begun`() async throws {
        let base = try await SQLiteStore.inMemory()
        let job = try await queue(in: base)
        let gate = Gate()
        let networks = FakeNetworks()
        let store = StoreDouble(base: base, beforeUnfinishedJobs: { await gate.pass() })
        let teaching = Teaching(store: store, networks: networks)
        await teaching.jobs.start()
        await gate.visited()
        async let stopped: Void = teaching.jobs.stop(within: .seconds(60))
        // It is stopped when it lets followers go.
        _ = try await teaching.jobs.job(job.id, endingWithin: .seconds(60))
        gate.open()
        await stopped
        #expect(try await base.job(job.id).state == .queued)
        #expect(networks.record.images.isEmpty)
    }

    /// A job that is computing features, and lets go when the gate is open.
    private func heldJob(_ gate: Gate, in store: SQLiteStore) async throws -> (teaching: Teaching, job: Job) {
        let job = try await queue(in: store)
        let networks = FakeNetworks()
        networks.record.gate.withLock { $0 = { await gate.pass() } }
        let teaching = Teaching(store: store, networks: networks)
        await teaching.jobs.start()
        await gate.visited()
        return (teaching, job)
    }

    @Test func `a stop lets followers go before the job`() async throws {
        let gate = Gate()
        let (teaching, job) = try await heldJob(gate, in: .inMemory())
        async let followed = teaching.jobs.job(job.id, endingWithin: .seconds(600))
        async let events = teaching.jobs.events(of: job.id, after: 1000, within: .seconds(600))
        async let stopped: Void = teaching.jobs.stop(within: .seconds(600))
        #expect(try await !followed.state.isFinal)
        #expect(try await events.isEnd)
        gate.open()
        await stopped
    }

    @Test func `a stop does not wait for a job that does not let go, and lays it down all the same`() async throws {
        let gate = Gate()
        let store = try await SQLiteStore.inMemory()
        let (teaching, job) = try await heldJob(gate, in: store)
        await teaching.jobs.stop(within: .milliseconds(50))
        #expect(try await store.job(job.id).state == .queued)
        gate.open()
    }
}
