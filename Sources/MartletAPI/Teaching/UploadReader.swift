import Dispatch
import HTTPServer
import Inference
import Service

/// Reads uploads of labelled images, one at a time, on a queue of its own: to unpack an archive and to compute its digests takes
/// longer than other requests should wait for.
struct UploadReader: Sendable {
    struct Upload: Sendable {
        var images: [NewImage] = []
        /// The names of the first files that are no images, and how many there are.
        var skipped: [String] = []
        var skippedCount = 0

        func summary(_ results: [AddedImage]) -> UploadSummary {
            UploadSummary(results: results, skipped: skipped, skippedCount: skippedCount)
        }
    }

    private let parser = LabelledUploadParser()
    private let queue = DispatchQueue(label: "martlet.uploads", qos: .utility)

    /// The images to add to a dataset: at least one.
    func images(of routed: RoutedRequest) async throws(Problem) -> Upload {
        let label = routed.query.string("label")
        return try await reading { [parser] check throws(Problem) in
            let upload = try parser.upload(
                contentType: routed.request.head.headerFields[.contentType], body: routed.request.body, label: label,
                check: check)
            try upload.checkHasNoOptions()
            try LabelledUploadParser.check(upload)
            return try Upload(upload)
        }
    }

    /// What a job is asked for, and the images to train on, if it is not on a dataset.
    func job(of routed: RoutedRequest) async throws(Problem) -> (options: FineTuneOptions, upload: Upload) {
        let (request, query) = (routed.request, routed.query)
        return try await reading { [parser] check throws(Problem) in
            guard !request.body.isEmpty else {
                let options = try FineTuneOptions(query: query, body: [])
                guard options.dataset != nil else {
                    throw Problem(
                        .noImage, "The body is empty and no 'dataset' is named. \(LabelledUploadParser.howToSend)")
                }
                return (options, Upload())
            }
            let upload = try parser.upload(
                contentType: request.head.headerFields[.contentType], body: request.body, label: nil,
                check: check)
            let options = try FineTuneOptions(query: query, body: upload.options)
            // An archive without an image is a mistake also where the dataset has some.
            if options.dataset == nil || upload.skippedCount > 0 { try LabelledUploadParser.check(upload) }
            return (options, try Upload(upload))
        }
    }

    /// What nobody waits for any more is not read, or no further: others wait behind it.
    ///
    /// - Parameter read: gets a function that throws as soon as the task is cancelled.
    private func reading<Value: Sendable>(
        _ read: @escaping @Sendable (_ check: () throws(Problem) -> Void) throws(Problem) -> Value
    ) async throws(Problem) -> Value {
        let isCancelled = Locked(false)
        let result: Result<Value, Problem> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                queue.async {
                    let check = { () throws(Problem) in
                        if isCancelled.withLock({ $0 }) { throw Problem(ServiceError.cancelled) }
                    }
                    do throws(Problem) {
                        try check()
                        continuation.resume(returning: .success(try read(check)))
                    } catch { continuation.resume(returning: .failure(error)) }
                }
            }
        } onCancel: {
            isCancelled.withLock { $0 = true }
        }
        return try result.get()
    }
}

extension UploadReader.Upload {
    fileprivate init(_ upload: LabelledUpload) throws(Problem) {
        do throws(StoreError) {
            for image in upload.images {
                images.append(
                    try NewImage(bytes: Array(image.bytes), label: image.label, filename: image.filename))
            }
        } catch { throw Problem(error) }
        (skipped, skippedCount) = (upload.skipped, upload.skippedCount)
    }
}
