import HTTPTypes

extension Response {
    /// Less does not become shorter by as much as a packet.
    private static let leastGzipped = 1 << 10
    /// More than this takes zlib long enough for the other connections of a loop to notice.
    private static let mostOnLoop = 32 << 10

    /// Whether its content is one that becomes shorter: text and JSON, and neither images nor arrays of numbers, nor what
    /// has a coding already. Events are streams, which are sent as they are.
    var isCompressible: Bool {
        guard status.code != 206, stream == nil, !body.isEmpty, headerFields[.contentEncoding] == nil,
            let type = headerFields[.contentType]?.prefix(while: { $0 != ";" }).lowercased()
        else { return false }
        return type.hasPrefix("text/") || Self.compressibleTypes.contains(type) || type.hasSuffix("+json")
    }

    private static let compressibleTypes: Set = [
        "application/json", "application/yaml", "application/javascript", "image/svg+xml",
    ]

    /// Whether `request` accepts that coding, and it is worth it (RFC 9110 section 12.5.3).
    func wantsGzip(for request: HTTPRequest) -> Bool {
        guard let field = request.headerFields[.acceptEncoding], isCompressible else { return false }
        let accepted = AcceptedCodings(field)
        return accepted.preferGzip && (body.count >= Self.leastGzipped || accepted.forbidIdentity)
    }

    /// Whether it may be sent in more than one coding.
    var variesByCoding: Bool { body.count >= Self.leastGzipped && isCompressible }

    /// Also where it is sent as it is: a cache must not give that to who wants another coding, nor the other way round
    /// (RFC 9110 section 12.5.5).
    mutating func addVary(isCoded: Bool) {
        guard isCoded || variesByCoding else { return }
        headerFields.append(HTTPField(name: .vary, value: "Accept-Encoding"))
    }

    /// The answer as gzip, or as it is.
    func coded(_ isCoded: Bool) async -> Response {
        var response = self
        response.addVary(isCoded: isCoded)
        guard isCoded, let content = await gzipped() else { return response }
        response.body = content
        response.headerFields[.contentEncoding] = "gzip"
        if let tag = headerFields[.eTag].flatMap({ EntityTag($0) }) {
            response.headerFields[.eTag] = tag.coded("gzip").text
        }
        return response
    }

    private func gzipped() async -> [UInt8]? {
        if let gzippedBody { return gzippedBody }
        let bytes = body
        guard bytes.count > Self.mostOnLoop else { return Gzip.encoded(bytes) }
        // A task of its own does not run on the connection's queue.
        return await Task.detached(priority: .userInitiated) { Gzip.encoded(bytes) }.value
    }

    /// An answer that is given again and again, with its entity tag and compressed in advance.
    public func prepared() -> Response {
        var response = self
        response.headerFields[.eTag] = EntityTag(of: body)?.text
        if isCompressible, body.count >= Self.leastGzipped { response.gzippedBody = Gzip.encoded(body) }
        return response
    }

    /// An answer with the entity tag of its content, which is made once.
    public func tagged() async -> Response {
        let bytes = body
        var response = self
        response.headerFields[.eTag] = await Task.detached(priority: .userInitiated) { EntityTag(of: bytes)?.text }
            .value
        return response
    }
}
