import Foundation

/// Fine-tune jobs and what happened to them.
public protocol JobStore: Sendable {
    /// Adds the images to the job's dataset, which is created where it is missing, and queues the job, all or nothing.
    /// Without images the dataset must be there. It retains what `retention` says; `nil` is as for
    /// ``DatasetStore/putDataset(_:retention:)``.
    ///
    /// The second call with one idempotency key and request changes nothing and answers the first call's job.
    ///
    /// - Throws: ``StoreError/idempotencyKeyReused(_:job:)``, ``StoreError/headBusy(_:job:)`` where another job for the
    ///   head has not ended, ``StoreError/unknownDataset(_:)``, ``StoreError/invalidName(_:)``.
    func createJob(_ job: NewJob, images: [NewImage], retention: Retention?) async throws(StoreError) -> JobCreation

    /// - Throws: ``StoreError/unknownJob(_:)``.
    func job(_ id: String) async throws(StoreError) -> Job

    /// The job that the same request made before, if one did.
    ///
    /// - Throws: ``StoreError/idempotencyKeyReused(_:job:)``.
    func job(for key: IdempotencyKey) async throws(StoreError) -> Job?

    /// At most `limit` jobs, the newest first, from the first that is older than the one with `id`.
    ///
    /// - Throws: ``StoreError/unknownJob(_:)``.
    func jobs(before id: String?, limit: Int) async throws(StoreError) -> [Job]

    /// The queued and running jobs in the order of their creation: what a server that starts has to do.
    func unfinishedJobs() async throws(StoreError) -> [Job]

    /// Says that the job runs, with the time if it is the first. One that runs already counts as interrupted: the process
    /// that ran it ended without ``suspendJob(_:)``.
    ///
    /// - Throws: ``StoreError/unknownJob(_:)``, ``StoreError/jobEnded(_:_:)``.
    func startJob(_ id: String) async throws(StoreError) -> Job

    /// Lays a running job down, for the next process to take up; one that does not run is left as it is.
    ///
    /// - Throws: ``StoreError/unknownJob(_:)``.
    func suspendJob(_ id: String) async throws(StoreError)

    /// Notes how far the job is, with an event for who follows it. Every call waits for the disk: a few a second at most.
    ///
    /// - Returns: the job after the update and its newest event.
    /// - Throws: ``StoreError/unknownJob(_:)``, ``StoreError/jobEnded(_:_:)``.
    func updateJob(_ id: String, _ update: JobUpdate, event: NewJobEvent?) async throws(StoreError)
        -> (job: Job, event: JobEvent?)

    /// Ends the job, and saves the head where it succeeded, in one transaction. Of several calls for one job one has
    /// effect. Of the jobs that ended before, the newest ``Job/limit`` are kept, and those whose head's version is there.
    ///
    /// - Returns: the job as it ended, and the head's new version.
    /// - Throws: ``StoreError/unknownJob(_:)``, ``StoreError/jobEnded(_:_:)``, ``StoreError/tooLarge``.
    func finishJob(_ id: String, _ outcome: JobOutcome, event: NewJobEvent?) async throws(StoreError)
        -> (job: Job, head: HeadVersion?)

    /// The job's events with a higher sequence number, oldest first. Only the last ``JobEvent/limit`` of a job are kept.
    ///
    /// - Throws: ``StoreError/unknownJob(_:)``.
    func events(of job: String, after sequence: Int) async throws(StoreError) -> [JobEvent]
}

/// A job that was asked for.
public struct JobCreation: Equatable, Sendable {
    public let job: Job
    /// False where the idempotency key was known.
    public let isNew: Bool
    /// What became of the images, in the order given; none where the job is not new.
    public let images: [AddedImage]

    public init(job: Job, isNew: Bool, images: [AddedImage]) {
        self.job = job
        self.isNew = isNew
        self.images = images
    }
}
