import Service

/// `{"version": 3}`, or `?version=3`.
package struct PromoteRequest {
    let version: Int

    package init(query: QueryParameters, body: [UInt8]) throws(Problem) {
        if let version = try query.integer("version", in: 1...) {
            guard body.isEmpty else {
                throw Problem(.malformedRequest, "Give 'version' in the query or in the body, not in both.")
            }
            self.version = version
            return
        }
        guard let found = body.isEmpty ? nil : try Self.version(in: body) else {
            throw Problem(.missingParameter, #"Expected {"version": 1} with the number of a version."#)
                .with("parameter", .string("version"))
        }
        let expected = "a whole number from 1"
        guard case .number(let number) = found else {
            throw Problem(.invalidParameter, "'version' must be \(expected).")
                .with("parameter", .string("version")).with("expected", .string(expected))
        }
        guard let version = number.integer, version > 0 else {
            throw .invalidParameter("version", expected: expected, found: number.text)
        }
        self.version = version
    }

    private static func version(in body: [UInt8]) throws(Problem) -> JSONScalar? {
        do throws(JSONError) {
            var reader = JSONReader(body)
            var version: JSONScalar?
            try reader.beginObject()
            while let name = try reader.nextName() {
                guard version == nil, reader.utf8(of: name).elementsEqual("version".utf8) else {
                    throw reader.failure("'version' once and no other member")
                }
                version = try reader.scalar()
            }
            try reader.end()
            return version
        } catch {
            throw Problem(.malformedRequest, #"The body is not {"version": 1} (\#(error))."#)
        }
    }
}
