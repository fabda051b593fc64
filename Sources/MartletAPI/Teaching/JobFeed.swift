import Service

/// A job's events as the bytes of an event stream, from one of them on. The last one, `end`, carries the job.
actor JobFeed {
    private let jobs: FineTuneJobs
    private let job: String
    private let keepAlive: Duration
    private var sequence: Int
    private var isEnded = false

    init(jobs: FineTuneJobs, job: String, after sequence: Int, keepAlive: Duration) {
        self.jobs = jobs
        self.job = job
        self.sequence = sequence
        self.keepAlive = keepAlive
    }

    /// What is to be sent next, at the latest after ``keepAlive``; `nil` at the end.
    func next() async -> [UInt8]? {
        guard !isEnded, !Task.isCancelled else { return nil }
        do throws(TeachingError) {
            let (events, isEnd) = try await jobs.events(of: job, after: sequence, within: keepAlive)
            isEnded = isEnd
            guard let last = events.last else { return isEnd ? nil : ServerSentEvent.keepAlive }
            sequence = last.sequence
            let ended = isEnd ? try await jobs.job(job).jsonBytes : nil
            return events.flatMap { event in
                let data = event.name == NewJobEvent.endName ? ended ?? [UInt8](event.data) : [UInt8](event.data)
                return ServerSentEvent(id: event.sequence, event: event.name, data: data).bytes
            }
        } catch {
            // The client comes again, and is told then.
            return nil
        }
    }
}
