/// Which part of a list is asked for: `limit` of it, after what the part before ended with.
struct Page {
    /// The most that one answer lists.
    static let maximum = 1000
    static let standard = 100

    let limit: Int
    /// The value of the parameter that says where it begins.
    let start: String?

    /// - Parameter startName: `after` for lists in rising order, `before` for those with the newest first.
    init(_ query: QueryParameters, from startName: String) throws(Problem) {
        limit = try query.integer("limit", in: 1...Self.maximum) ?? Self.standard
        start = query.string(startName)
    }

    /// Where the list begins, as a number.
    func startNumber<Number: FixedWidthInteger>(_ name: String) throws(Problem) -> Number? {
        guard let start else { return nil }
        guard start.first != "+", let number = Number(start), number >= 0 else {
            throw .invalidParameter(name, expected: "a whole number from 0 to \(Number.max)", found: start)
        }
        return number
    }

    /// `{"<name>": [...], "next": …}`: `next` is the value with which the following part is asked for, if there may be one.
    func json<Element>(
        _ name: String, _ elements: [Element], next: (Element) -> String,
        write: (Element, inout JSONWriter) -> Void
    ) -> [UInt8] {
        JSONWriter.text { writer in
            writer.object { writer in
                writer.name(name)
                writer.array { writer in
                    for element in elements { write(element, &writer) }
                }
                writer.member("next", orNull: elements.count < limit ? nil : elements.last.map(next))
            }
        }
    }
}
