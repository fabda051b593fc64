extension Problem {
    /// The body of the response.
    var json: [UInt8] {
        JSONWriter.text { writer in
            writer.object { writer in
                writer.problem(type, status: status.code, detail: detail)
                for (name, value) in members {
                    writer.name(name)
                    writer.member(value)
                }
            }
        }
    }
}

extension JSONWriter {
    /// The standard members (RFC 9457 §3.1).
    mutating func problem(_ type: ProblemType, status: Int, detail: String) {
        member("type", type.reference)
        member("title", type.title)
        member("status", status)
        member("detail", detail)
    }

    fileprivate mutating func member(_ value: Problem.Member) {
        switch value {
        case .string(let string): self.string(string)
        case .integer(let integer): self.integer(integer)
        case .strings(let strings):
            array { writer in
                for string in strings { writer.string(string) }
            }
        case .failures(let images):
            array { writer in
                for image in images {
                    writer.object { writer in
                        writer.member("id", image.id)
                        if let filename = image.filename { writer.member("filename", filename) }
                        writer.name("error")
                        writer.failure(image.failure)
                    }
                }
            }
        }
    }
}
