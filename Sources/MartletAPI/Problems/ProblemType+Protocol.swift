import HTTPTypes

extension ProblemType {
    /// The type of a failure that the HTTP server itself found, before there was a request to route.
    init(protocolStatus status: HTTPResponse.Status) {
        self =
            switch status {
            case .requestTimeout: .requestTimeout
            case .lengthRequired: .lengthRequired
            case .contentTooLarge: .contentTooLarge
            case .unsupportedMediaType: .unsupportedMediaType
            case .misdirectedRequest: .misdirectedRequest
            case .expectationFailed: .expectationFailed
            case .preconditionFailed: .preconditionFailed
            case .rangeNotSatisfiable: .rangeNotSatisfiable
            case .uriTooLong: .uriTooLong
            case .requestHeaderFieldsTooLarge: .headerTooLarge
            case .notImplemented: .notImplemented
            case .serviceUnavailable: .overloaded
            case .gatewayTimeout: .deadlinePassed
            case .httpVersionNotSupported: .unsupportedVersion
            case _ where status.code >= 500: .internalError
            default: .malformedRequest
            }
    }
}
