import Foundation

extension JSONWriter {
    /// Text that is JSON already, such as what the store keeps; `null` for none.
    mutating func member(_ name: String, json: Data?) {
        self.name(name)
        if let json { raw(json) } else { null() }
    }

    mutating func member(_ name: String, orNull value: String?) {
        self.name(name)
        if let value { string(value) } else { null() }
    }

    mutating func member(_ name: String, orNull value: Double?) {
        self.name(name)
        if let value { number(value) } else { null() }
    }

    mutating func member(_ name: String, orNull value: Int?) {
        self.name(name)
        if let value { integer(value) } else { null() }
    }

    /// As RFC 3339 writes it, in UTC, to the millisecond; `null` for none.
    mutating func member(_ name: String, _ date: Date?) {
        member(name, orNull: date.map { $0.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)) })
    }
}
