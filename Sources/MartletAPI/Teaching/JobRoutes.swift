import HTTPServer
import HTTPTypes
import Service

/// `GET /jobs`, `GET|DELETE /jobs/{id}`, `GET /jobs/{id}/events`.
struct JobRoutes: Sendable {
    /// The longest that one request waits for a job's end, in seconds.
    private static let longestWait = 300
    /// A connection on which nothing comes for longer is given up by proxies.
    private static let keepAlive = Duration.seconds(15)

    let teaching: Teaching

    var routes: [Route] {
        [
            Route(
                .get, "/jobs", scope: .teach, "fine-tune jobs, the newest first", parameters: ["limit", "before"],
                .handler { routed throws(Problem) in try await list(routed.query) }),
            Route(
                .get, "/jobs/{id}", scope: .teach, "one job; wait=30 waits for its end", parameters: ["wait"],
                .handler { routed throws(Problem) in try await job(routed) }),
            Route(
                .delete, "/jobs/{id}", scope: .teach, "cancels a job",
                .handler { routed throws(Problem) in
                    do throws(TeachingError) {
                        return .json(try await teaching.jobs.cancel(routed.id).jsonBytes)
                    } catch { throw Problem(error) }
                }),
            Route(
                .get, "/jobs/{id}/events", scope: .teach, "a job's events as they happen (server-sent events)",
                .handler { routed throws(Problem) in try await events(routed) }),
        ]
    }

    private func list(_ query: QueryParameters) async throws(Problem) -> Response {
        let page = try Page(query, from: "before")
        do throws(StoreError) {
            let jobs = try await teaching.store.jobs(before: page.start, limit: page.limit)
            return .json(
                page.json("jobs", jobs, next: \.id) { job, writer in
                    writer.object { job.writeSummary(to: &$0) }
                })
        } catch { throw Problem(error) }
    }

    private func job(_ routed: RoutedRequest) async throws(Problem) -> Response {
        let wait = try routed.query.integer("wait", in: 0...Self.longestWait, unit: " of seconds") ?? 0
        do throws(TeachingError) {
            return .json(try await teaching.jobs.job(routed.id, endingWithin: .seconds(wait)).jsonBytes)
        } catch { throw Problem(error) }
    }

    /// Begins after the event that `Last-Event-ID` names, and ends with the job. A client that has seen all of an ended job
    /// is told by 204 not to come again (WHATWG HTML, §9.2.1).
    private func events(_ routed: RoutedRequest) async throws(Problem) -> Response {
        let id = routed.id
        let last = try routed.request.lastEventID()
        do throws(TeachingError) {
            // An unknown job is an answer, not an event.
            if try await teaching.jobs.hasEnded(id, after: last) { return .noContent }
        } catch { throw Problem(error) }
        let feed = JobFeed(jobs: teaching.jobs, job: id, after: last, keepAlive: Self.keepAlive)
        return Response(
            headerFields: [
                .contentType: ServerSentEvent.mediaType, .cacheControl: "no-store", .accelBuffering: "no",
            ],
            stream: ResponseStream { await feed.next() })
    }
}

extension RoutedRequest {
    fileprivate var id: String { pathParameters["id"] ?? "" }
}

extension HTTPField.Name {
    /// Keeps nginx, and what speaks as it does, from holding events back.
    fileprivate static let accelBuffering: HTTPField.Name = {
        guard let name = HTTPField.Name("X-Accel-Buffering") else {
            preconditionFailure("'X-Accel-Buffering' is a token")
        }
        return name
    }()
}
