/// What becomes of a request whose content has not all come, by its head.
public enum Admission: Sendable {
    /// It is read and handled.
    ///
    /// - Parameter finding: what the handler need not find out again; it is in ``Request/finding``.
    case admitted(finding: (any AnyObject & Sendable)?)
    /// It is answered; its content is not waited for, and the connection ends.
    case refused(Response)
}
