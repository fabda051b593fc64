import Service

/// `{"version": 3}`, or `?version=3`.
struct PromoteRequest {
    let version: Int

    init(_ routed: RoutedRequest) throws(Problem) {
        if let version = try routed.query.integer("version", in: 1...) {
            self.version = version
            return
        }
        var found: Int?
        do throws(JSONError) {
            var reader = JSONReader(routed.request.body)
            try reader.beginObject()
            while let name = try reader.nextName() {
                guard reader.utf8(of: name).elementsEqual("version".utf8) else {
                    throw reader.failure("'version' and no other member")
                }
                guard case .number(let number) = try reader.scalar() else { throw reader.failure("a number") }
                found = number.integer
            }
            try reader.end()
        } catch {
            throw Problem(.malformedRequest, #"The body is not {"version": 1} (\#(error))."#)
        }
        guard let found, found > 0 else {
            throw Problem(.missingParameter, #"Expected {"version": 1} with the number of a version."#)
                .with("parameter", .string("version"))
        }
        version = found
    }
}
