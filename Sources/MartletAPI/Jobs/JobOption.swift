/// What a request's body says about a job: a field of a form or a member of JSON, whose name may be none that is known.
package struct JobOption: Equatable, Sendable {
    let name: String
    let value: Value

    enum Value: Equatable, Sendable {
        /// Of a form or query, where everything is text; empty text says nothing.
        case text(String)
        /// Of JSON, where `null` says nothing.
        case json(JSONScalar)
    }
}
