/// What becomes of a request with much content, by its head.
public enum Admission: Sendable {
    /// Content announced as no longer than this is read without a question: it takes less room than a head may. What is
    /// sent with a GET by who means nothing by it is shorter.
    public static let maximumUnaskedBytes = 1 << 10

    /// It is read and handled.
    ///
    /// - Parameter finding: what the handler need not find out again; it is in ``Request/finding``.
    case admitted(finding: (any AnyObject & Sendable)?)
    /// It is answered; its content is not waited for, and the connection ends.
    case refused(Response)
}
