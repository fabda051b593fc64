import HTTPServer
import HTTPTypes
import Service

/// `/datasets` and what is below: labelled images, collected over time.
struct DatasetRoutes: Sendable {
    let teaching: Teaching
    let uploads: UploadReader

    var routes: [Route] {
        [
            Route(
                .get, "/datasets", scope: .teach, "the datasets", parameters: ["limit", "after"],
                .handler { routed throws(Problem) in try await list(routed.query) }),
            Route(
                .put, "/datasets/{dataset}", scope: .teach, "creates a dataset, or changes what it keeps of images",
                parameters: ["retain"],
                .handler { routed throws(Problem) in try await put(routed) }),
            Route(
                .get, "/datasets/{dataset}", scope: .teach, "one dataset with its labels",
                .handler { routed throws(Problem) in
                    do throws(StoreError) {
                        let dataset = try await teaching.store.dataset(routed.dataset)
                        return .json(JSONWriter.text { dataset.write(to: &$0) })
                    } catch { throw Problem(error) }
                }),
            Route(
                .delete, "/datasets/{dataset}", scope: .teach, "deletes a dataset with its images",
                .handler { routed throws(Problem) in
                    do throws(StoreError) {
                        try await teaching.store.deleteDataset(routed.dataset)
                        return .noContent
                    } catch { throw Problem(error) }
                }),
            Route(
                .get, "/datasets/{dataset}/images", scope: .teach, "the images of a dataset",
                parameters: ["limit", "after"],
                .handler { routed throws(Problem) in try await images(routed) }),
            Route(
                .post, "/datasets/{dataset}/images", scope: .teach, "adds labelled images", parameters: ["label"],
                .handler { routed throws(Problem) in try await add(routed) }),
            Route(
                .get, "/datasets/{dataset}/images/{image}", scope: .teach, "the file of an image, as it came",
                .handler { routed throws(Problem) in try await image(routed) }),
            Route(
                .delete, "/datasets/{dataset}/images/{image}", scope: .teach, "deletes an image",
                .handler { routed throws(Problem) in
                    let id: Int64 = try routed.number("image")
                    do throws(StoreError) {
                        try await teaching.store.deleteImage(id, of: routed.dataset)
                        return .noContent
                    } catch { throw Problem(error) }
                }),
        ]
    }

    private func list(_ query: QueryParameters) async throws(Problem) -> Response {
        let page = try Page(query, from: "after")
        do throws(StoreError) {
            let datasets = try await teaching.store.datasets(after: page.start, limit: page.limit)
            return .json(page.json("datasets", datasets, next: \.name) { $0.write(to: &$1) })
        } catch { throw Problem(error) }
    }

    private func put(_ routed: RoutedRequest) async throws(Problem) -> Response {
        let retention: Retention? = try routed.query.choice("retain")
        guard routed.request.body.isEmpty else {
            throw Problem(
                .malformedRequest,
                "PUT takes no body; images are added by POST /datasets/\(routed.dataset)/images?label=…")
        }
        do throws(StoreError) {
            let (dataset, isNew) = try await teaching.store.putDataset(routed.dataset, retention: retention)
            var response = Response.json(JSONWriter.text { dataset.write(to: &$0) })
            response.status = isNew ? .created : .ok
            return response
        } catch { throw Problem(error) }
    }

    private func images(_ routed: RoutedRequest) async throws(Problem) -> Response {
        let page = try Page(routed.query, from: "after")
        let after: Int64? = try page.startNumber("after")
        do throws(StoreError) {
            let images = try await teaching.store.images(of: routed.dataset, after: after, limit: page.limit)
            return .json(page.json("images", images, next: { "\($0.id)" }) { $0.write(to: &$1) })
        } catch { throw Problem(error) }
    }

    private func add(_ routed: RoutedRequest) async throws(Problem) -> Response {
        let upload = try await uploads.images(of: routed)
        do throws(StoreError) {
            let results = try await teaching.store.addImages(upload.images, to: routed.dataset)
            var response = Response.json(JSONWriter.text { upload.summary(results).write(to: &$0) })
            response.status = .created
            return response
        } catch {
            guard case .unknownDataset = error else { throw Problem(error) }
            throw Problem(error, hint: " PUT /datasets/\(routed.dataset.excerpt()) creates it.")
        }
    }

    private func image(_ routed: RoutedRequest) async throws(Problem) -> Response {
        let id: Int64 = try routed.number("image")
        let image: DatasetImage
        let bytes: [UInt8]?
        do throws(StoreError) {
            image = try await teaching.store.image(id, of: routed.dataset)
            // Another dataset may retain the file of an image that this one may not show.
            let retention = try await teaching.store.dataset(routed.dataset).retention
            bytes = retention == .images ? try await teaching.store.bytes(of: image.digest) : nil
        } catch { throw Problem(error) }
        guard let bytes else {
            throw Problem(
                .imageNotKept,
                "The file of image \(id) was not kept: dataset '\(routed.dataset)' retains embeddings only.")
        }
        return Response(
            headerFields: [
                .contentType: imageMediaType(bytes) ?? "application/octet-stream", .contentDisposition: "inline",
                .acceptRanges: "bytes", .eTag: "\"\(image.digest)\"",
            ], body: bytes)
    }
}

extension RoutedRequest {
    fileprivate var dataset: String { pathParameters["dataset"] ?? "" }
}
