import HTTPServer
import HTTPTypes

extension Request {
    /// The id of the last event that a client which comes back has seen (WHATWG HTML, §9.2.4); 0 where it has seen none.
    func lastEventID() throws(Problem) -> Int {
        guard let text = head.headerFields[.lastEventID], !text.isEmpty else { return 0 }
        // Int also takes a plus sign.
        guard text.first != "+", let id = Int(text), id >= 0 else {
            throw .invalidParameter(
                "Last-Event-ID", expected: "the id of an event, a whole number from 0", found: text)
        }
        return id
    }
}

extension HTTPField.Name {
    fileprivate static let lastEventID: HTTPField.Name = {
        guard let name = HTTPField.Name("Last-Event-ID") else { preconditionFailure("'Last-Event-ID' is a token") }
        return name
    }()
}
