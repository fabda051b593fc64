import HTTPTypes
import Service

extension Problem {
    /// What an error about datasets, jobs or heads means for the client.
    init(_ error: TeachingError) {
        switch error {
        case .store(let error): self.init(error)
        case .service(let error): self.init(error)
        case .option(let error):
            self = .invalidParameter(error.name, expected: error.expected, found: error.found)
        case .missingOption(let name, _):
            self = Problem(.missingParameter, Self.sentence("\(error)")).with("parameter", .string(name))
        case .tooFewClasses(let found):
            self = Problem(.tooFewClasses, Self.sentence("\(error)")).with("labels", .strings(found))
        case .tooFewImages: self = Problem(.tooFewImages, Self.sentence("\(error)"))
        case .headFile: self = Problem(.invalidHeadFile, Self.sentence("\(error)"))
        case .exportFailed: self = Problem(.exportFailed, Self.sentence("\(error)"))
        }
    }

    /// What an error of the store means for the client.
    ///
    /// - Parameter hint: what to do about it, after the first sentence.
    init(_ error: StoreError, hint: String = "") {
        let type: ProblemType =
            switch error {
            case .unknownDataset: .unknownDataset
            case .unknownImage: .unknownDatasetImage
            case .unknownJob: .unknownJob
            case .unknownHead: .unknownHead
            case .unknownHeadVersion: .unknownHeadVersion
            case .nothingPromoted: .nothingPromoted
            case .invalidName: .invalidName
            case .invalidLabel: .invalidLabel
            case .jobEnded: .jobEnded
            case .headBusy: .headBusy
            case .idempotencyKeyReused: .idempotencyKeyReused
            case .versionPromoted: .versionPromoted
            case .tooLarge: .contentTooLarge
            case .diskFull: .storageFull
            case .busy: .storeBusy
            case .closed: .stopping
            case .inUse, .foreignFile, .newerSchema, .corrupt, .unreadable, .failed: .internalError
            }
        let problem = Problem(type, Self.sentence("\(error)") + hint)
        self =
            switch error {
            case .headBusy(_, let job), .idempotencyKeyReused(_, let job): problem.with("job", .string(job))
            case .busy: problem.with(.retryAfter, "1")
            case .inUse, .foreignFile, .newerSchema, .corrupt, .unreadable, .failed:
                Problem(type, "The store failed; the server's log says why.").caused(by: "\(error)")
            default: problem
            }
    }

    static func sentence(_ text: String) -> String {
        let sentence = text.prefix(1).uppercased() + text.dropFirst().description.excerpt(400)
        return sentence.hasSuffix(".") ? sentence : sentence + "."
    }
}
