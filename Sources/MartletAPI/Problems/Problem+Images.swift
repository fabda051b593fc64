import HTTPServer

extension Problem {
    /// The answer where a whole request fails because of its images: with one image its own problem, with several 422.
    init(_ failures: [FailedImage], of count: Int, in request: Request) {
        let type = count == 1 ? failures.first?.failure.problemType ?? .someImagesFailed : .someImagesFailed
        let detail =
            switch (failures.count, count) {
            case (1, 1):
                failures[0].failure.description + (failures[0].failure.kind == .tooManyPixels ? "" : request.curlHint)
            case (count, _): "none of the \(count) images could be read; 'errors' says why"
            case (1, _): "image \(failures[0].label) failed: \(failures[0].failure.description)"
            default: "\(failures.count) of the \(count) images failed; 'errors' names them"
            }
        self = Problem(type, detail).with("errors", .failures(failures))
    }
}

extension FailedImage {
    fileprivate var label: String { filename.map { "\(id) ('\($0)')" } ?? "'\(id)'" }
}

extension Request {
    /// `curl -d` is the first thing to go wrong: it drops line breaks and zeros from files, and sends this media type.
    fileprivate var curlHint: String {
        head.headerFields[.contentType] == "application/x-www-form-urlencoded"
            ? ". If this was curl -d, use --data-binary @file: -d changes the bytes" : ""
    }
}
