import Foundation
import GRDB
import Service

/// A job inside a transaction.
struct JobRow {
    /// In the order of creation.
    let number: Int64
    let job: Job
    private let requestDigest: Data?

    init(_ row: Row) throws {
        number = row["number"]
        requestDigest = row["request_digest"]
        job = Job(
            id: row["id"], head: row["head"], dataset: row["dataset"], model: row["model"], request: row["request"],
            state: try row.choice("state"), stage: row["stage"], progress: row["progress"], metrics: row["metrics"],
            warnings: try row.json("warnings"), error: row["error"], headVersion: row["head_version"],
            interruptions: row["interruptions"], created: row.date("created"), started: row.optionalDate("started"),
            ended: row.optionalDate("ended"))
    }

    static func required(_ id: String, _ db: Database) throws -> JobRow {
        let row = try Row.fetchOne(db, sql: "SELECT * FROM job WHERE id = ?", arguments: [id])
        guard let row else { throw StoreError.unknownJob(id) }
        return try JobRow(row)
    }

    /// The job, which must not have ended.
    static func unfinished(_ id: String, _ db: Database) throws -> JobRow {
        let row = try required(id, db)
        guard !row.job.state.isFinal else { throw StoreError.jobEnded(id, row.job.state) }
        return row
    }

    static func unfinished(head: String, _ db: Database) throws -> JobRow? {
        try Row.fetchOne(
            db, sql: "SELECT * FROM job WHERE head = ? AND state IN ('queued', 'running')", arguments: [head]
        ).map(JobRow.init)
    }

    /// The job that the same request made before.
    static func fetch(_ idempotency: IdempotencyKey, _ db: Database) throws -> JobRow? {
        let row = try Row.fetchOne(
            db, sql: "SELECT * FROM job WHERE idempotency_key = ?", arguments: [idempotency.key])
        guard let known = try row.map(JobRow.init) else { return nil }
        guard known.requestDigest == idempotency.request.data else {
            throw StoreError.idempotencyKeyReused(idempotency.key, job: known.job.id)
        }
        return known
    }

    static func insert(_ job: NewJob, _ db: Database) throws -> JobRow {
        let id = UUID().uuidString.lowercased()
        try db.execute(
            sql: """
                INSERT INTO job (id, head, dataset, model, request, state, created, idempotency_key, request_digest)
                VALUES (?, ?, ?, ?, ?, 'queued', ?, ?, ?)
                """,
            arguments: [
                id, job.head, job.dataset, job.model, job.request.checkingSize(), Date.now.milliseconds,
                job.idempotency?.key, job.idempotency?.request.data,
            ])
        return try required(id, db)
    }

    /// Ends the job, and saves what it made.
    func end(_ outcome: JobOutcome, _ db: Database) throws -> HeadVersion? {
        var head: HeadVersion?
        var error: String?
        let state: JobState
        switch outcome {
        case .succeeded(let version, let promote):
            head = try HeadRow.save(version, as: job.head, promote: promote, db)
            state = .succeeded
        case .failed(let reason):
            error = reason
            state = .failed
        case .cancelled: state = .cancelled
        }
        try db.execute(
            sql: """
                UPDATE job SET state = ?, error = ?, head_version = ?, metrics = COALESCE(?, metrics),
                    progress = IIF(? = 'succeeded', 1, progress), ended = ? WHERE number = ?
                """,
            arguments: [
                state.rawValue, error, head?.version, head?.metrics, state.rawValue, Date.now.milliseconds, number,
            ])
        return head
    }

    /// Deletes other ended jobs with their events: those that are older than the newest ``Job/limit`` and made no head's
    /// version that is still there.
    func forgetOldest(_ db: Database) throws {
        try db.execute(
            sql: """
                DELETE FROM job WHERE ended IS NOT NULL AND number != ?
                    AND number <= (
                        SELECT number FROM job WHERE ended IS NOT NULL ORDER BY number DESC LIMIT 1 OFFSET ?)
                    AND NOT EXISTS (
                        SELECT 1 FROM head_version WHERE head = job.head AND version = job.head_version)
                """,
            arguments: [number, Job.limit])
    }

    /// Appends the event, and forgets the oldest where there are too many.
    func append(_ event: NewJobEvent, _ db: Database) throws -> JobEvent {
        let time = Date.now.milliseconds
        try db.execute(sql: "UPDATE job SET last_event = last_event + 1 WHERE number = ?", arguments: [number])
        try db.execute(
            sql: """
                INSERT INTO job_event (job, sequence, name, data, time)
                SELECT number, last_event, ?, ?, ? FROM job WHERE number = ?
                """,
            arguments: [event.name, event.data.checkingSize(), time, number])
        let row = try Row.fetchOne(
            db, sql: "SELECT * FROM job_event WHERE job = ? ORDER BY sequence DESC LIMIT 1", arguments: [number])
        guard let row else { throw StoreError.unknownJob(job.id) }
        let sequence: Int = row["sequence"]
        try db.execute(
            sql: "DELETE FROM job_event WHERE job = ? AND sequence <= ?",
            arguments: [number, sequence - JobEvent.limit])
        return JobEvent(sequence: sequence, name: event.name, data: event.data, time: row.date("time"))
    }
}
