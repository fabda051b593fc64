import Foundation
import GRDB
import Service
import Testing

@testable import Persistence

@Suite struct JobTests {
    @Test(arguments: Place.allCases) func `a job runs, reports, and ends with its head`(_ place: Place) async throws {
        try await withStore(place) { store in
            let job = try await store.queue("bikes")
            #expect(job.state == .queued && job.started == nil && job.request == Data("{}".utf8))
            #expect(UUID(uuidString: job.id) != nil)
            let running = try await store.startJob(job.id)
            #expect(running.state == .running && running.started != nil)
            #expect(try await store.startJob(job.id).started == running.started)
            let update = JobUpdate(
                stage: "embedding", progress: 0.5, metrics: Data("[1]".utf8), warnings: ["few", "images"])
            let (updated, event) = try await store.updateJob(
                job.id, update, event: NewJobEvent(name: "progress", data: Data("{}".utf8)))
            #expect(updated.stage == "embedding" && updated.progress == 0.5 && updated.warnings == ["few", "images"])
            #expect(event?.sequence == 1 && event?.name == "progress")
            let unchanged = try await store.updateJob(job.id, JobUpdate(progress: 7), event: nil).job
            #expect(unchanged.stage == "embedding" && unchanged.progress == 1 && unchanged.metrics == Data("[1]".utf8))
            let (ended, head) = try await store.finishJob(
                job.id, .succeeded(version(metrics: "[2]"), promote: true),
                event: NewJobEvent(name: "end", data: Data("1".utf8)))
            #expect(ended.state == .succeeded && ended.progress == 1 && ended.ended != nil && ended.headVersion == 1)
            #expect(ended.metrics == Data("[2]".utf8))
            #expect(head?.version == 1 && head?.isPromoted == true)
            #expect(try await store.job(job.id) == ended)
            #expect(try await store.events(of: job.id, after: 1).map(\.name) == ["end"])
        }
    }

    @Test(arguments: Place.allCases) func `a job ends once`(_ place: Place) async throws {
        try await withStore(place) { store in
            let job = try await store.queue("bikes")
            let ended = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<8 {
                    group.addTask { (try? await store.finishJob(job.id, .failed(reason: "no"), event: nil)) != nil }
                    group.addTask {
                        (try? await store.finishJob(job.id, .succeeded(version(), promote: true), event: nil)) != nil
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(ended == 1)
            let state = try await store.job(job.id).state
            #expect(state.isFinal)
            #expect(try await store.heads(after: nil, limit: 9).count == (state == .succeeded ? 1 : 0))
            await #expect(throws: StoreError.jobEnded(job.id, state)) { try await store.startJob(job.id) }
            await #expect(throws: StoreError.jobEnded(job.id, state)) {
                try await store.updateJob(job.id, JobUpdate(stage: "x"), event: nil)
            }
        }
    }

    @Test func `a cancelled task can still say that its job was cancelled`() async throws {
        let store = try await SQLiteStore.inMemory()
        let job = try await store.queue("bikes")
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await store.finishJob(job.id, .cancelled, event: nil).job.state
        }
        task.cancel()
        #expect(try await task.value == .cancelled)
    }

    @Test func `a head has one unfinished job`() async throws {
        let store = try await SQLiteStore.inMemory()
        let first = try await store.queue("bikes")
        await #expect(throws: StoreError.headBusy("bikes", job: first.id)) {
            try await store.createJob(
                NewJob(head: "bikes", dataset: "other", model: "net", request: Data()), images: [image("y", "l")],
                retention: .images)
        }
        #expect(try await store.datasets(after: nil, limit: 9).map(\.name) == ["d"])
        _ = try await store.finishJob(first.id, .failed(reason: "one class only"), event: nil)
        #expect(try await store.job(first.id).error == "one class only")
        #expect(try await store.queue("bikes").id != first.id)
    }

    @Test func `a job without images needs its dataset`() async throws {
        let store = try await SQLiteStore.inMemory()
        let job = NewJob(head: "bikes", dataset: "no", model: "net", request: Data())
        await #expect(throws: StoreError.unknownDataset("no")) {
            try await store.createJob(job, images: [], retention: .images)
        }
        #expect(try await store.jobs(before: nil, limit: 9).isEmpty)
    }

    @Test(arguments: Place.allCases) func `the same request under one key makes one job`(_ place: Place) async throws {
        try await withStore(place) { store in
            func create(_ request: String) async throws -> JobCreation {
                try await store.createJob(
                    NewJob(
                        head: "bikes", dataset: "d", model: "net", request: Data(),
                        idempotency: IdempotencyKey(key: "k", request: digest(request))),
                    images: [image(request, "l")], retention: .images)
            }
            let first = try await create("one")
            #expect(first.isNew && first.images == [.added(id: 1)])
            let second = try await create("one")
            #expect(!second.isNew && second.job == first.job && second.images.isEmpty)
            await #expect(throws: StoreError.idempotencyKeyReused("k", job: first.job.id)) {
                try await create("two")
            }
            #expect(try await store.dataset("d").imageCount == 1)
        }
    }

    @Test(arguments: Place.allCases) func `jobs are listed newest first, unfinished ones oldest first`(_ place: Place)
        async throws
    {
        try await withStore(place) { store in
            var ids: [String] = []
            for head in ["a", "b", "c", "d"] { ids.append(try await store.queue(head).id) }
            #expect(try await store.jobs(before: nil, limit: 3).map(\.id) == [ids[3], ids[2], ids[1]])
            #expect(try await store.jobs(before: ids[1], limit: 3).map(\.id) == [ids[0]])
            _ = try await store.startJob(ids[2])
            _ = try await store.finishJob(ids[1], .cancelled, event: nil)
            #expect(try await store.unfinishedJobs().map(\.id) == [ids[0], ids[2], ids[3]])
            await #expect(throws: StoreError.unknownJob("no")) { try await store.jobs(before: "no", limit: 3) }
            await #expect(throws: StoreError.unknownJob("no")) { try await store.job("no") }
            await #expect(throws: StoreError.unknownJob("no")) { try await store.events(of: "no", after: 0) }
        }
    }

    @Test func `only a job's last events are kept`() async throws {
        let store = try await SQLiteStore.inMemory()
        let (job, other) = (try await store.queue("a"), try await store.queue("b"))
        for count in 1...JobEvent.limit + 2 {
            _ = try await store.updateJob(
                job.id, JobUpdate(), event: NewJobEvent(name: "n", data: Data("\(count)".utf8)))
        }
        _ = try await store.updateJob(other.id, JobUpdate(), event: NewJobEvent(name: "n", data: Data()))
        let events = try await store.events(of: job.id, after: 0)
        #expect(events.map(\.sequence) == Array(3...JobEvent.limit + 2))
        #expect(events.last?.data == Data("\(JobEvent.limit + 2)".utf8))
        #expect(try await store.events(of: other.id, after: 0).map(\.sequence) == [1])
    }

    @Test(arguments: Place.allCases) func `a job that was not laid down counts as interrupted`(_ place: Place)
        async throws
    {
        try await withStore(place) { store in
            let id = try await store.queue("bikes").id
            try await store.suspendJob(id)
            #expect(try await store.job(id).state == .queued)
            #expect(try await store.startJob(id).interruptions == 0)
            try await store.suspendJob(id)
            #expect(try await store.job(id).state == .queued)
            #expect(try await store.startJob(id).interruptions == 0)
            #expect(try await store.startJob(id).interruptions == 1)
            let ended = try await store.finishJob(id, .cancelled, event: nil).job
            try await store.suspendJob(id)
            #expect(try await store.job(id) == ended)
            await #expect(throws: StoreError.unknownJob("no")) { try await store.suspendJob("no") }
        }
    }

    @Test func `a key finds its job`() async throws {
        let store = try await SQLiteStore.inMemory()
        let key = IdempotencyKey(key: "k", request: try digest("r"))
        #expect(try await store.job(for: key) == nil)
        let job = try await store.createJob(
            NewJob(head: "h", dataset: "d", model: "net", request: Data(), idempotency: key), images: [image("x", "l")],
            retention: nil
        ).job
        #expect(try await store.job(for: key) == job)
        await #expect(throws: StoreError.idempotencyKeyReused("k", job: job.id)) {
            try await store.job(for: IdempotencyKey(key: "k", request: digest("other")))
        }
    }

    @Test func `old jobs are forgotten unless their heads are there`() async throws {
        let store = try await SQLiteStore.inMemory()
        let waiting = try await store.queue("waiting")
        let (kept, gone) = (try await store.queue("kept"), try await store.queue("gone"))
        for job in [kept, gone] {
            _ = try await store.updateJob(
                job.id, JobUpdate(), event: NewJobEvent(name: "n", data: Data()))
            _ = try await store.finishJob(job.id, .succeeded(version(), promote: true), event: nil)
        }
        try await store.deleteHead("gone")
        for _ in 1..<Job.limit {
            _ = try await store.finishJob(try await store.queue("h").id, .cancelled, event: nil)
        }
        #expect(try await store.job(gone.id).state == .succeeded)
        _ = try await store.finishJob(waiting.id, .failed(reason: "late"), event: nil)
        #expect(try await store.job(waiting.id).state == .failed, "the one that ends just now is kept")
        _ = try await store.finishJob(try await store.queue("h").id, .cancelled, event: nil)
        for job in [gone, waiting] {
            await #expect(throws: StoreError.unknownJob(job.id)) { try await store.job(job.id) }
        }
        #expect(try await store.events(of: kept.id, after: 0).count == 1)
        let events = try await store.read { db in try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM job_event") }
        #expect(events == 1)
    }
}
