/// Why a request was refused before any handler saw it: one word for machines, by which refusals are counted. A word, once
/// it is here, keeps its meaning.
public enum RefusalReason: String, Sendable, CaseIterable {
    // What arrived is not the start of a request (RFC 9112 section 2.2).
    case notARequest = "not-a-request"
    case emptyLines = "empty-lines"
    case bareLineFeed = "bare-line-feed"
    case bareCarriageReturn = "bare-carriage-return"

    // The request line (RFC 9112 section 3).
    case malformedRequestLine = "malformed-request-line"
    case malformedMethod = "malformed-method"
    case malformedTarget = "malformed-target"
    case malformedVersion = "malformed-version"
    case unsupportedVersion = "unsupported-version"
    case proxyRequest = "proxy-request"
    case misdirected
    case requestLineTooLong = "request-line-too-long"

    // Header fields (RFC 9112 section 5).
    case malformedField = "malformed-field"
    case malformedFieldValue = "malformed-field-value"
    case tooManyFields = "too-many-fields"
    case headTooLarge = "head-too-large"
    case missingHost = "missing-host"
    case repeatedHost = "repeated-host"
    case malformedHost = "malformed-host"
    case unknownExpectation = "unknown-expectation"
    case contentCoding = "content-coding"

    // Where the body ends (RFC 9112 section 6).
    case malformedLength = "malformed-length"
    case repeatedLength = "repeated-length"
    case repeatedCoding = "repeated-coding"
    case lengthAndCoding = "length-and-coding"
    case codingInHTTP10 = "coding-in-http-1.0"
    case chunkedNotLast = "chunked-not-last"
    case unknownCoding = "unknown-coding"
    case bodyTooLarge = "body-too-large"

    // Chunks (RFC 9112 section 7.1).
    case malformedChunkSize = "malformed-chunk-size"
    case malformedChunkExtension = "malformed-chunk-extension"
    case malformedChunk = "malformed-chunk"
    case chunkExtensionsTooLarge = "chunk-extensions-too-large"
    case trailersTooLarge = "trailers-too-large"

    // How the client connected.
    /// HTTP without TLS where TLS is expected.
    case plainHTTP = "plain-http"
    /// From a network that has as many connections as it may.
    case addressLimit = "address-limit"

    // What the server has time and room for.
    case headTimeout = "head-timeout"
    case bodyTimeout = "body-timeout"
    case buffersFull = "buffers-full"

    // What the answer is asked to be (RFC 9110 sections 13 and 14).
    case preconditionFailed = "precondition-failed"
    case rangeNotSatisfiable = "range-not-satisfiable"
}
