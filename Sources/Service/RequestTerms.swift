import Inference

/// How soon a request's turn comes beside others'.
public typealias RequestPriority = InferencePriority

/// Who asks, and how large its share of the turns is.
public typealias RequestClient = QueueClient

/// What a request says about its model and its waiting.
public struct RequestTerms: Sendable {
    /// `nil` for the default model.
    public var model: String?
    /// `nil` for the latest.
    public var version: String?
    public var priority: RequestPriority
    /// How long the answer is of use, from when the service is asked; `nil` for the server's default.
    public var timeout: Duration?
    /// Clients of one priority take turns.
    public var client: RequestClient

    public init(
        model: String? = nil, version: String? = nil, priority: RequestPriority = .normal, timeout: Duration? = nil,
        client: RequestClient = ""
    ) {
        self.model = model
        self.version = version
        self.priority = priority
        self.timeout = timeout
        self.client = client
    }
}
