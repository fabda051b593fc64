import Foundation
import Service

/// A fine-tune job in this process, over a store that no server has open.
struct LocalLesson {
    /// How long to wait for news of the job before the time that has passed is drawn.
    private static let patience = Duration.milliseconds(250)

    let store: any Store
    let service: ImageService
    let jobs: FineTuneJobs
    let options: FineTuneOptions
    let display: ProgressDisplay

    /// Adds the images, if there are any, and trains.
    ///
    /// - Returns: the job as it ended.
    /// - Throws: `CancellationError` where the task is cancelled before there is a job; one that is there is cancelled.
    func run(_ folder: LabelledFolder?) async throws -> Job {
        let head = options.head ?? ""
        let dataset = options.dataset ?? head
        if let folder {
            try await store.checkClasses(adding: folder.counts, to: dataset)
            try await add(folder, to: dataset)
        }
        try await endInterrupted(head)
        let job = try await jobs.submit(options).job
        return try await follow(job.id)
    }

    private func add(_ folder: LabelledFolder, to dataset: String) async throws {
        var upload = FolderUpload(store: store, dataset: dataset)
        do {
            try await upload.add(folder.files, retention: options.retain) { skipped in
                display.note("\(skipped.name.printable): \(skipped.reason); left out")
            } onProgress: { done in
                display.show(
                    ProgressLine(
                        stage: "reading", fraction: Double(done) / Double(folder.files.count),
                        detail: "\(done) of \(folder.files.count)"))
            }
        } catch is CancellationError {
            display.note("interrupted; dataset '\(dataset)' keeps the \(upload.added) images that were added")
            throw CancellationError()
        }
        if upload.duplicates > 0 {
            display.note("dataset '\(dataset)' had \(upload.duplicates) of the images already, \(upload.added) are new")
        }
    }

    /// A job that a killed process left would keep the head to itself: this one takes its place.
    private func endInterrupted(_ head: String) async throws {
        for job in try await store.unfinishedJobs() {
            if job.head == head {
                _ = try await jobs.cancel(job.id)
                display.note("job \(job.id) for head '\(head)', which was interrupted, is cancelled for the new one")
            } else {
                display.note("job \(job.id) for head '\(job.head)', which was interrupted, is done first")
            }
        }
    }

    /// Shows how far the job is until it ends.
    private func follow(_ id: String) async throws -> Job {
        var sequence = 0
        var pace = Pace(service)
        var loss: Double?
        while true {
            let (events, isEnd) = try await jobs.events(of: id, after: sequence, within: Self.patience)
            for event in events {
                sequence = event.sequence
                guard let progress = try? JSONDecoder().decode(Progress.self, from: event.data) else { continue }
                // It stays as it was in the stages after the fit.
                let change = progress.loss == loss ? nil : progress.loss.map { String(format: "loss %.4g", $0) }
                loss = progress.loss
                display.show(
                    ProgressLine(
                        stage: progress.stage, fraction: progress.progress,
                        detail: change ?? pace.text(in: progress.stage)))
            }
            display.refresh()
            if isEnd { return try await jobs.job(id) }
            if Task.isCancelled { return try await cancel(id) }
        }
    }

    private func cancel(_ id: String) async throws -> Job {
        do throws(TeachingError) { return try await jobs.cancel(id) } catch {
            guard case .store(.jobEnded) = error else { throw error }
            return try await jobs.job(id)
        }
    }
}

/// What an event says of a job that runs.
private struct Progress: Decodable {
    let stage: String
    let progress: Double
    let loss: Double?
}

/// How many images a second a network computes during a stage.
private struct Pace {
    private let service: ImageService
    private var stage: (name: String, start: ContinuousClock.Instant, computed: Int)?

    init(_ service: ImageService) { self.service = service }

    /// `nil` where none is computed.
    mutating func text(in name: String) -> String? {
        let computed = service.statistics.computed
        guard let stage, stage.name == name else {
            stage = (name, .now, computed)
            return nil
        }
        let seconds = (.now - stage.start) / .seconds(1)
        guard computed > stage.computed, seconds > 0 else { return nil }
        return "\(Int(Double(computed - stage.computed) / seconds)) images/s"
    }
}
