import HTTPTypes

/// The kinds of failure a client can tell apart. The raw value is the last part of the problem's `type` and never
/// changes once released; openapi.yaml lists all of them.
public enum ProblemType: String, CaseIterable, Sendable {
    case malformedRequest = "malformed-request"
    case unknownParameter = "unknown-parameter"
    case invalidParameter = "invalid-parameter"
    case noImage = "no-image"
    case missingLabel = "missing-label"
    case forbidden = "forbidden"
    case missingKey = "missing-key"
    case invalidKey = "invalid-key"
    case expiredKey = "expired-key"
    case insufficientScope = "insufficient-scope"
    case rateLimited = "rate-limited"
    case crossSiteRequest = "cross-site-request"
    case unknownHost = "unknown-host"
    case unknownRoute = "unknown-route"
    case unknownModel = "unknown-model"
    case unknownVersion = "unknown-version"
    case modelUnavailable = "model-unavailable"
    case unknownHead = "unknown-head"
    case unknownHeadVersion = "unknown-head-version"
    case nothingPromoted = "nothing-promoted"
    case headNetworkMissing = "head-network-missing"
    case unknownDataset = "unknown-dataset"
    case unknownDatasetImage = "unknown-dataset-image"
    case imageNotKept = "image-not-kept"
    case unknownJob = "unknown-job"
    case invalidName = "invalid-name"
    case invalidLabel = "invalid-label"
    case missingParameter = "missing-parameter"
    case jobEnded = "job-ended"
    case headBusy = "head-busy"
    case versionPromoted = "version-promoted"
    case idempotencyKeyReused = "idempotency-key-reused"
    case tooFewClasses = "too-few-classes"
    case tooFewImages = "too-few-images"
    case invalidHeadFile = "invalid-head-file"
    case exportFailed = "export-failed"
    case storageFull = "storage-full"
    case storeBusy = "store-busy"
    case unknownLayer = "unknown-layer"
    case methodNotAllowed = "method-not-allowed"
    case requestTimeout = "request-timeout"
    case lengthRequired = "length-required"
    case contentTooLarge = "content-too-large"
    case tooManyImages = "too-many-images"
    case uriTooLong = "uri-too-long"
    case unsupportedMediaType = "unsupported-media-type"
    case unsupportedImage = "unsupported-image"
    case brokenImage = "broken-image"
    case tooManyPixels = "too-many-pixels"
    case unreadableImage = "unreadable-image"
    case someImagesFailed = "images-failed"
    case unreadableArchive = "unreadable-archive"
    case overloaded = "overloaded"
    case headerTooLarge = "header-too-large"
    case internalError = "internal-error"
    case notImplemented = "not-implemented"
    case notReady = "not-ready"
    case stopping = "stopping"
    case outOfMemory = "out-of-memory"
    case deadlinePassed = "deadline-passed"
    case unsupportedVersion = "unsupported-http-version"
    case preconditionFailed = "precondition-failed"
    case rangeNotSatisfiable = "range-not-satisfiable"
    case misdirectedRequest = "misdirected-request"
    case expectationFailed = "expectation-failed"

    /// The `type` member: a path, because no domain is the project's own. It names the problem and is not a page.
    public var reference: String { "/problems/\(rawValue)" }

    public var status: HTTPResponse.Status {
        switch self {
        case .malformedRequest, .unknownParameter, .invalidParameter, .missingParameter, .noImage, .invalidName,
            .invalidLabel, .missingLabel:
            .badRequest
        case .unknownRoute, .unknownModel, .unknownVersion, .unknownHead, .unknownHeadVersion, .unknownLayer,
            .unknownDataset, .unknownDatasetImage, .unknownJob:
            .notFound
        case .imageNotKept: .gone
        case .nothingPromoted, .headNetworkMissing, .jobEnded, .headBusy, .versionPromoted: .conflict
        case .idempotencyKeyReused, .tooFewClasses, .tooFewImages, .invalidHeadFile, .exportFailed:
            .unprocessableContent
        case .storageFull: .init(code: 507, reasonPhrase: "Insufficient Storage")
        case .storeBusy: .serviceUnavailable
        case .missingKey, .invalidKey, .expiredKey: .unauthorized
        case .forbidden, .insufficientScope, .crossSiteRequest: .forbidden
        case .unknownHost, .misdirectedRequest: .misdirectedRequest
        case .methodNotAllowed: .methodNotAllowed
        case .requestTimeout: .requestTimeout
        case .lengthRequired: .lengthRequired
        case .contentTooLarge, .tooManyImages: .contentTooLarge
        case .uriTooLong: .uriTooLong
        case .unsupportedMediaType, .unsupportedImage: .unsupportedMediaType
        case .brokenImage, .tooManyPixels, .unreadableImage, .someImagesFailed, .unreadableArchive:
            .unprocessableContent
        case .overloaded, .rateLimited: .tooManyRequests
        case .headerTooLarge: .requestHeaderFieldsTooLarge
        case .internalError: .internalServerError
        case .notImplemented: .notImplemented
        case .notReady, .stopping, .outOfMemory, .modelUnavailable: .serviceUnavailable
        case .deadlinePassed: .gatewayTimeout
        case .unsupportedVersion: .httpVersionNotSupported
        case .preconditionFailed: .preconditionFailed
        case .rangeNotSatisfiable: .rangeNotSatisfiable
        case .expectationFailed: .expectationFailed
        }
    }

    /// The `title` member: the same words for every problem of the type (RFC 9457 §3.1.3).
    public var title: String {
        switch self {
        case .malformedRequest: "The request is malformed"
        case .unknownParameter: "A parameter is not known"
        case .invalidParameter: "A parameter has an invalid value"
        case .noImage: "The request carries no image"
        case .missingLabel: "An image has no label"
        case .forbidden: "The client may not do this"
        case .missingKey: "A key is needed"
        case .invalidKey: "The key is not valid"
        case .expiredKey: "The key has expired"
        case .insufficientScope: "The key does not allow this"
        case .rateLimited: "Too many requests"
        case .crossSiteRequest: "A page of another site sends the request"
        case .unknownHost: "The server does not go by this name"
        case .unknownRoute: "There is no such route"
        case .unknownModel: "There is no such model"
        case .unknownVersion: "The model has no such version"
        case .modelUnavailable: "The model does not answer"
        case .unknownHead: "There is no such head"
        case .unknownHeadVersion: "The head has no such version"
        case .nothingPromoted: "No version of the head is served"
        case .headNetworkMissing: "The network that the head was trained on is not there"
        case .unknownDataset: "There is no such dataset"
        case .unknownDatasetImage: "The dataset has no such image"
        case .imageNotKept: "The image's file was not kept"
        case .unknownJob: "There is no such job"
        case .invalidName: "Not a name for a dataset or head"
        case .invalidLabel: "Not a label"
        case .missingParameter: "A parameter is missing"
        case .jobEnded: "The job has ended"
        case .headBusy: "Another job trains the head"
        case .versionPromoted: "The version is served"
        case .idempotencyKeyReused: "The idempotency key belongs to another request"
        case .tooFewClasses: "There are too few labels to tell apart"
        case .tooFewImages: "A label has too few images"
        case .invalidHeadFile: "The file is no head"
        case .exportFailed: "The head cannot be written in this format"
        case .storageFull: "The disk is full"
        case .storeBusy: "The store is busy"
        case .unknownLayer: "The model has no such layer"
        case .methodNotAllowed: "The route does not take this method"
        case .requestTimeout: "The request took too long to arrive"
        case .lengthRequired: "The request must state its length"
        case .contentTooLarge: "The request is too large"
        case .tooManyImages: "The request carries too many images"
        case .uriTooLong: "The request's target is too long"
        case .unsupportedMediaType: "The media type of the request is not supported"
        case .unsupportedImage: "Not an image that is read"
        case .brokenImage: "The image is damaged"
        case .tooManyPixels: "The image has too many pixels"
        case .unreadableImage: "The image did not arrive in a readable form"
        case .someImagesFailed: "Images of the request failed"
        case .unreadableArchive: "The archive cannot be read"
        case .overloaded: "Too much is waiting"
        case .headerTooLarge: "The request's header is too large"
        case .internalError: "The server failed"
        case .notImplemented: "Not implemented"
        case .notReady: "The server is not ready"
        case .stopping: "The server is stopping"
        case .outOfMemory: "The server has too little memory now"
        case .deadlinePassed: "The answer took too long"
        case .unsupportedVersion: "The HTTP version is not supported"
        case .preconditionFailed: "A condition of the request does not hold"
        case .rangeNotSatisfiable: "The content has no such part"
        case .misdirectedRequest: "The request is for another server"
        case .expectationFailed: "The server does not do what is expected"
        }
    }
}
