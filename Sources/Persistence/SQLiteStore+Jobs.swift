import Foundation
import GRDB
import Service

extension SQLiteStore {
    public func createJob(_ job: NewJob, images: [NewImage], retention: Retention?)
        async throws(StoreError) -> JobCreation
    {
        try await write { db in
            if let idempotency = job.idempotency, let known = try JobRow.fetch(idempotency, db) {
                return JobCreation(job: known.job, isNew: false, images: [])
            }
            try StoreName.check(job.head)
            if let other = try JobRow.unfinished(head: job.head, db) {
                throw StoreError.headBusy(job.head, job: other.job.id)
            }
            let isThere = try DatasetRow.fetch(job.dataset, db) != nil
            if isThere ? retention != nil : !images.isEmpty { try DatasetRow.put(job.dataset, retention, db) }
            let added = try DatasetRow.required(job.dataset, db).add(images, db)
            return JobCreation(job: try JobRow.insert(job, db).job, isNew: true, images: added)
        }
    }

    public func job(_ id: String) async throws(StoreError) -> Job {
        try await read { db in try JobRow.required(id, db).job }
    }

    public func job(for key: IdempotencyKey) async throws(StoreError) -> Job? {
        try await read { db in try JobRow.fetch(key, db)?.job }
    }

    public func jobs(before id: String?, limit: Int) async throws(StoreError) -> [Job] {
        try await read { db in
            let number = try id.map { try JobRow.required($0, db).number } ?? Int64.max
            return try Row.fetchAll(
                db, sql: "SELECT * FROM job WHERE number < ? ORDER BY number DESC LIMIT ?",
                arguments: [number, max(0, limit)]
            ).map { try JobRow($0).job }
        }
    }

    public func unfinishedJobs() async throws(StoreError) -> [Job] {
        try await read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM job WHERE state IN ('queued', 'running') ORDER BY number")
                .map { try JobRow($0).job }
        }
    }

    public func startJob(_ id: String) async throws(StoreError) -> Job {
        try await write { db in
            let number = try JobRow.unfinished(id, db).number
            try db.execute(
                sql: """
                    UPDATE job SET interruptions = interruptions + (state = 'running'), state = 'running',
                        started = COALESCE(started, ?) WHERE number = ?
                    """,
                arguments: [Date.now.milliseconds, number])
            return try JobRow.required(id, db).job
        }
    }

    public func suspendJob(_ id: String) async throws(StoreError) {
        try await write { db in
            let number = try JobRow.required(id, db).number
            try db.execute(
                sql: "UPDATE job SET state = 'queued' WHERE number = ? AND state = 'running'", arguments: [number])
        }
    }

    public func updateJob(_ id: String, _ update: JobUpdate, event: NewJobEvent?)
        async throws(StoreError) -> (job: Job, event: JobEvent?)
    {
        try await write { db in
            let job = try JobRow.unfinished(id, db)
            try db.execute(
                sql: """
                    UPDATE job SET stage = COALESCE(?, stage), progress = COALESCE(?, progress),
                        metrics = COALESCE(?, metrics), warnings = COALESCE(?, warnings)
                    WHERE number = ?
                    """,
                arguments: [
                    update.stage, update.progress.map { min(1, max(0, $0)) }, update.metrics?.checkingSize(),
                    update.warnings.map { try JSONEncoder().encode($0) }, job.number,
                ])
            return (try JobRow.required(id, db).job, try event.map { try job.append($0, db) })
        }
    }

    public func finishJob(_ id: String, _ outcome: JobOutcome, event: NewJobEvent?)
        async throws(StoreError) -> (job: Job, head: HeadVersion?)
    {
        try await write { db in
            let job = try JobRow.unfinished(id, db)
            let head = try job.end(outcome, db)
            if let event { _ = try job.append(event, db) }
            try job.forgetOldest(db)
            return (job: try JobRow.required(id, db).job, head: head)
        }
    }

    public func events(of job: String, after sequence: Int) async throws(StoreError) -> [JobEvent] {
        try await read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM job_event WHERE job = ? AND sequence > ? ORDER BY sequence",
                arguments: [JobRow.required(job, db).number, sequence]
            ).map { JobEvent(sequence: $0["sequence"], name: $0["name"], data: $0["data"], time: $0.date("time")) }
        }
    }
}
