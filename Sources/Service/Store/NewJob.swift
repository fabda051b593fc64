import Foundation

/// A job to queue.
public struct NewJob: Sendable {
    public let head: String
    public let dataset: String
    public let model: String
    /// In JSON.
    public let request: Data
    public let idempotency: IdempotencyKey?

    public init(head: String, dataset: String, model: String, request: Data, idempotency: IdempotencyKey? = nil) {
        self.head = head
        self.dataset = dataset
        self.model = model
        self.request = request
        self.idempotency = idempotency
    }
}

/// A client's name for a request that it may send again (draft-ietf-httpapi-idempotency-key-header).
public struct IdempotencyKey: Sendable {
    public let key: String
    /// Of the whole request, images included.
    public let request: ContentDigest

    public init(key: String, request: ContentDigest) {
        self.key = key
        self.request = request
    }
}
