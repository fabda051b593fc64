import HTTPTypes

/// What the conditions of a request make of its answer (RFC 9110 section 13). Nothing here has a date of modification, so
/// that conditions on dates are ignored, as sections 13.1.3 and 13.1.4 have it.
enum Preconditions {
    enum Outcome: Equatable {
        case holds
        /// 304
        case notModified
        /// 412
        case failed
    }

    /// In the order of section 13.2.2.
    ///
    /// - Parameters:
    ///   - tag: of the content that is about to be sent.
    static func evaluate(_ fields: HTTPFields, tag: EntityTag?) -> Outcome {
        if let condition = fields[.ifMatch], !matches(condition, tag, { $0.matchesStrongly($1) }) { return .failed }
        if let condition = fields[.ifNoneMatch], matches(condition, tag, { $0.matchesWeakly($1) }) {
            return .notModified
        }
        return .holds
    }

    /// Whether `If-Range` lets `Range` count (section 13.1.5); a date never does.
    static func allowsRange(_ fields: HTTPFields, tag: EntityTag?) -> Bool {
        guard let condition = fields[.ifRange] else { return true }
        guard let asked = EntityTag(condition), let tag else { return false }
        return asked.matchesStrongly(tag)
    }

    private static func matches(
        _ condition: String, _ tag: EntityTag?, _ compare: (EntityTag, EntityTag) -> Bool
    ) -> Bool {
        switch EntityTag.List(condition) {
        case .any: true
        case .tags(let tags): tag.map { tag in tags.contains { compare($0, tag) } } ?? false
        }
    }
}
