import HTTPServer
import HTTPTypes
import Service

/// `/heads` and what is below.
struct HeadRoutes: Sendable {
    enum Format: String, CaseIterable {
        /// The head alone, which `PUT /heads/{head}` takes back.
        case safetensors
        /// The network and the head, which other engines run.
        case onnx
    }

    let teaching: Teaching
    let backend: Backend

    var routes: [Route] {
        [
            Route(
                .get, "/heads", scope: .infer, "the heads with their labels and accuracy",
                parameters: ["limit", "after"],
                .handler { routed throws(Problem) in try await list(routed.query) }),
            Route(
                .get, "/heads/{head}", scope: .infer, "one head",
                .handler { routed throws(Problem) in
                    do throws(StoreError) {
                        return try await whole(try await teaching.store.head(routed.head))
                    } catch { throw Problem(error) }
                }),
            Route(
                .put, "/heads/{head}", scope: .teach, "imports what export wrote (safetensors)",
                parameters: ["promote"],
                .handler { routed throws(Problem) in try await importHead(routed) }),
            Route(
                .delete, "/heads/{head}", scope: .teach, "deletes a head with its versions",
                .handler { routed throws(Problem) in
                    do throws(TeachingError) {
                        try await teaching.heads.delete(routed.head)
                        return .noContent
                    } catch { throw Problem(error) }
                }),
            Route(
                .get, "/heads/{head}/versions", scope: .infer, "a head's versions, the newest first",
                parameters: ["limit", "before"],
                .handler { routed throws(Problem) in try await versions(routed) }),
            Route(
                .get, "/heads/{head}/versions/{version}", scope: .infer, "one version of a head",
                .handler { routed throws(Problem) in
                    let version: Int = try routed.number("version")
                    do throws(StoreError) {
                        let found = try await teaching.store.headVersion(version, of: routed.head)
                        return .json(JSONWriter.text { found.write(to: &$0, isWhole: true) })
                    } catch { throw Problem(error) }
                }),
            Route(
                .delete, "/heads/{head}/versions/{version}", scope: .teach, "deletes a version that is not served",
                .handler { routed throws(Problem) in
                    let version: Int = try routed.number("version")
                    do throws(TeachingError) {
                        try await teaching.heads.delete(version: version, of: routed.head)
                        return .noContent
                    } catch { throw Problem(error) }
                }),
            Route(
                .post, "/heads/{head}/promote", scope: .teach, #"serves a version: {"version": 1}"#,
                parameters: ["version"], subject: "/heads/{head}",
                .handler { routed throws(Problem) in try await promote(routed) }),
            Route(
                .get, "/heads/{head}/export", scope: .teach, "a head as safetensors, or with its network as ONNX",
                parameters: ["format", "version"],
                .handler { routed throws(Problem) in try await export(routed) }),
        ]
    }

    private func list(_ query: QueryParameters) async throws(Problem) -> Response {
        let page = try Page(query, from: "after")
        do throws(StoreError) {
            let heads = try await teaching.store.heads(after: page.start, limit: page.limit)
            // One that was deleted meanwhile is left out.
            let versions = try await teaching.store.shownVersions(of: heads)
            return .json(
                page.json("heads", heads, next: \.name) { head, writer in
                    guard let version = versions[head.name] else { return }
                    head.write(to: &writer, version: version, isWhole: false)
                })
        } catch { throw Problem(error) }
    }

    private func shownVersion(of head: Head) async throws(StoreError) -> HeadVersion {
        try await teaching.store.headVersion(head.promoted ?? head.latest, of: head.name)
    }

    private func whole(_ head: Head) async throws(StoreError) -> Response {
        let version = try await shownVersion(of: head)
        return .json(JSONWriter.text { head.write(to: &$0, version: version, isWhole: true) })
    }

    private func versions(_ routed: RoutedRequest) async throws(Problem) -> Response {
        let page = try Page(routed.query, from: "before")
        let before: Int? = try page.startNumber("before")
        do throws(StoreError) {
            let versions = try await teaching.store.headVersions(of: routed.head, before: before, limit: page.limit)
            return .json(
                page.json("versions", versions, next: { "\($0.version)" }) { $0.write(to: &$1, isWhole: false) })
        } catch { throw Problem(error) }
    }

    private func importHead(_ routed: RoutedRequest) async throws(Problem) -> Response {
        let promote = try routed.query.bool("promote", default: true)
        let body = routed.request.body
        guard !body.isEmpty else {
            throw Problem(
                .malformedRequest,
                "The body is empty; send what GET /heads/NAME/export wrote (curl -T FILE).")
        }
        do throws(TeachingError) {
            let version = try await teaching.heads.import(body, as: routed.head, promote: promote)
            var response = Response.json(JSONWriter.text { version.write(to: &$0, isWhole: true) })
            response.status = .created
            response.headerFields[.location] = "/heads/\(version.head)/versions/\(version.version)"
            return response
        } catch {
            guard case .headFile = error, let mistake = ForeignFile.mistake(body) else { throw Problem(error) }
            throw Problem(.invalidHeadFile, Problem.sentence(mistake))
        }
    }

    private func promote(_ routed: RoutedRequest) async throws(Problem) -> Response {
        let version = try PromoteRequest(query: routed.query, body: routed.request.body).version
        let head: Head
        do throws(TeachingError) {
            head = try await teaching.heads.promote(version, of: routed.head)
        } catch { throw Problem(error) }
        do throws(StoreError) { return try await whole(head) } catch { throw Problem(error) }
    }

    private func export(_ routed: RoutedRequest) async throws(Problem) -> Response {
        let format: Format = try routed.query.choice("format", default: .safetensors)
        let asked = try routed.query.integer("version", in: 1...)
        do throws(TeachingError) {
            let (version, file) = try await teaching.heads.exported(routed.head, version: asked)
            var bytes = [UInt8](file)
            if format == .onnx {
                let head = try await teaching.heads.servedHead(version.head, version: version.version)
                bytes = try await backend.exportONNX(head)
            }
            return await Response(
                headerFields: [
                    .contentType: "application/octet-stream", .acceptRanges: "bytes",
                    .contentDisposition:
                        "attachment; filename=\"\(version.head)-\(version.version).\(format.rawValue)\"",
                ], body: bytes
            ).tagged()
        } catch { throw Problem(error) }
    }
}

extension RoutedRequest {
    fileprivate var head: String { pathParameters["head"] ?? "" }
}
