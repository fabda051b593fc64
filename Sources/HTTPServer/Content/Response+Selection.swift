import HTTPTypes

extension Response {
    /// This answer as `request` wants it: compressed, a part of it, or only that it is what the client has
    /// (RFC 9110 sections 12 to 14).
    ///
    /// - Parameter refusal: makes the answers to conditions that fail and ranges that do not exist.
    func selected(
        for request: HTTPRequest, refusal: (ProtocolError) -> Response
    ) async -> Response {
        guard status == .ok, stream == nil, request.method == .get || request.method == .head else {
            return await coded(wantsGzip(for: request))
        }
        let entityTag = headerFields[.eTag].flatMap { EntityTag($0) }
        // What is sent is decided before conditions are put to it (section 13.2.1): a part is one of the content as it is.
        let range = rangeAnswer(to: request, tag: entityTag)
        let isCoded = range == .whole && wantsGzip(for: request)
        switch Preconditions.evaluate(request.headerFields, tag: isCoded ? entityTag?.coded("gzip") : entityTag) {
        case .failed:
            return refusal(
                ProtocolError(.preconditionFailed, .preconditionFailed, "what the request names has another entity tag")
            )
        case .notModified: return notModified(isCoded: isCoded)
        case .holds: break
        }
        switch range {
        case .whole: return await coded(isCoded)
        case .part(let bytes): return part(bytes)
        case .unsatisfiable:
            var response = refusal(
                ProtocolError(
                    .rangeNotSatisfiable, .rangeNotSatisfiable,
                    "there are \(body.count) bytes, found Range: \(request.headerFields[.range] ?? "")"))
            response.headerFields[.contentRange] = "bytes */\(body.count)"
            return response
        }
    }

    private func rangeAnswer(to request: HTTPRequest, tag: EntityTag?) -> ByteRange.Answer {
        guard request.method == .get, acceptsRanges, let range = request.headerFields[.range],
            Preconditions.allowsRange(request.headerFields, tag: tag)
        else { return .whole }
        return ByteRange.answer(to: range, count: body.count)
    }

    private var acceptsRanges: Bool { headerFields[.acceptRanges] == "bytes" }

    /// 206 (RFC 9110 section 15.3.7).
    private func part(_ bytes: Range<Int>) -> Response {
        var response = self
        response.addVary(isCoded: false)
        response.status = .partialContent
        response.headerFields[.contentRange] = "bytes \(bytes.lowerBound)-\(bytes.upperBound - 1)/\(body.count)"
        response.body = Array(body[bytes])
        return response
    }

    /// 304, which says nothing of the content that the client has (RFC 9110 section 15.4.5).
    private func notModified(isCoded: Bool) -> Response {
        var response = self
        response.addVary(isCoded: isCoded)
        response.status = .notModified
        response.body = []
        for name in [HTTPField.Name.contentType, .contentLanguage, .contentDisposition, .acceptRanges] {
            response.headerFields[name] = nil
        }
        if isCoded, let tag = headerFields[.eTag].flatMap({ EntityTag($0) }) {
            response.headerFields[.eTag] = tag.coded("gzip").text
        }
        return response
    }
}
