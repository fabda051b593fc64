import HTTPTypes

extension HTTPRequest.Method {
    /// Whether it may change something, unlike the methods that RFC 9110 section 9.2.1 calls safe.
    var changesState: Bool { ![.get, .head, .options, .trace].contains(self) }
}
