import HTTPTypes

extension Request {
    /// Whether it may change something, and puts conditions to what is there. That is for handlers to look at, because
    /// conditions count only for what would be done without them (RFC 9110 section 13.2.1).
    public var setsConditionsOnChange: Bool {
        head.method.changesState && (head.headerFields[.ifMatch] != nil || head.headerFields[.ifNoneMatch] != nil)
    }

    /// Whether its conditions forbid to change what it names (RFC 9110 sections 13.1.1 and 13.1.2).
    ///
    /// - Parameter current: as GET gives it; `nil` where there is nothing.
    public func forbidsChange(of current: Response?) -> Bool {
        guard let current else { return head.headerFields[.ifMatch] != nil }
        let tag = current.headerFields[.eTag].flatMap { EntityTag($0) }
        return Preconditions.evaluate(head.headerFields, tag: tag) != .holds
    }
}
