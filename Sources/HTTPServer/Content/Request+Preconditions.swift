import HTTPTypes

extension Request {
    /// Whether its conditions forbid to change what it names, where that has no entity tag: `If-Match` with a tag matches
    /// nothing (RFC 9110 section 13.1.1), and `If-None-Match: *` is for who would not change what is there (section 13.1.2).
    ///
    /// For handlers, because conditions count only for what would be done without them (section 13.2.1).
    public var forbidsChange: Bool {
        guard head.method.changesState else { return false }
        if let condition = head.headerFields[.ifMatch], condition != "*" { return true }
        return head.headerFields[.ifNoneMatch] == "*"
    }
}
