import ArgumentParser
import CSystem
import Foundation
import Inference
import Logging
import MartletAPI
import Service

struct Teach: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train a head on a folder of labelled photos, without a server.",
        discussion: """
            The folder that an image (JPEG, PNG, WebP) lies in, somewhere in FOLDER, is its label: \
            bikes/road/1.jpg, bikes/mountain/2.jpg. They are added to a dataset of the store, and the head is trained on \
            all that this has; an image that it has already is not added again, and features that were computed before \
            are not computed again. What is no image is named and left out.

              martlet teach bikes --head bikes
              martlet classify --head bikes photo.jpg

            Ctrl-C cancels the training; the images stay.
            """)

    @Argument(
        help: ArgumentHelp(
            "The folder of folders of images. Without it the head is trained on what --dataset has.",
            valueName: "folder"))
    var folder: String?

    @OptionGroup var training: FineTuneArguments

    @OptionGroup var storage: StoreOptions

    @OptionGroup var models: ModelOptions

    @OptionGroup var engine: EngineOptions

    @Flag(name: .shortAndLong, help: "Do not show the progress.")
    var quiet = false

    @Flag(help: "Print the job as JSON, as the server answers it.")
    var json = false

    func validate() throws {
        guard folder != nil || training.dataset != nil else {
            throw ValidationError(
                "there is nothing to learn from: name a folder of images, or a --dataset of the store")
        }
    }

    func run() async throws {
        let signals = ProcessSignals(try CaughtSignals([SIGTERM, SIGINT]))
        let job: Job
        do {
            job = try await signals.cancelling { try await train() }
        } catch is CancellationError {
            throw ExitCode(128 + SIGINT)
        }
        if json { try StandardOutput.write(job.json) }
        switch job.state {
        case .succeeded:
            guard !json else { return }
            let report = TeachReport(
                job: job, isPromoted: training.promote, arguments: storage.argument + models.argument)
            try StandardOutput.write(report.text)
        case .cancelled:
            StandardError.write("job \(job.id) is cancelled")
            throw ExitCode(128 + SIGINT)
        default:
            StandardError.write("job \(job.id) failed: \(job.error?.printable ?? job.state.rawValue)")
            throw ExitCode.failure
        }
    }

    /// - Returns: the job as it ended.
    private func train() async throws -> Job {
        csystem_return_memory_early()
        let display = ProgressDisplay(isQuiet: quiet)
        defer { display.end() }
        let images = try folder.map { path throws(LabelledFolderError) in try LabelledFolder(path) }
        name(images?.skipped ?? [], display)
        return try await storage.open(creates: images != nil, orAsk: request(images)) { store in
            let repository = try models.repository(defaultModel: training.model, engine)
            let service = ImageService(
                repository: repository, queue: InferenceQueue(capacity: 256, pool: engine.pool()))
            var options = FineTuneJobs.Options()
            (options.pool, options.givesWay) = (engine.pool(), false)
            options.logger = Logger(label: "martlet", factory: { StreamLogHandler.standardError(label: $0) })
            options.logger.logLevel = .error
            let teaching = Teaching(store: store, networks: service, options: options)
            let lesson = LocalLesson(
                store: store, service: service, jobs: teaching.jobs, options: training.options, display: display)
            let result: Result<Job, any Error>
            do { result = .success(try await lesson.run(images)) } catch { result = .failure(error) }
            await teaching.jobs.stop()
            service.stop()
            return try result.get()
        }
    }

    private func name(_ skipped: [LabelledFolder.Skipped], _ display: ProgressDisplay) {
        let limit = 10
        for file in skipped.prefix(limit) { display.note("\(file.name.printable): \(file.reason); left out") }
        if skipped.count > limit { display.note("\(skipped.count - limit) more files are left out") }
    }

    /// How to have a server do the same.
    private func request(_ images: LabelledFolder?) -> String {
        let target = "'localhost:8080/fine-tune?\(training.options.query)'"
        guard let images else { return "curl -X POST \(target)" }
        return "tar czf - -C \(images.path.quotedForShell) . | curl --data-binary @- \(target)"
    }
}
