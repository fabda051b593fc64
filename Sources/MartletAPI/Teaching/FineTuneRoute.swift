import Foundation
import HTTPServer
import HTTPTypes
import Service

/// `POST /fine-tune`: trains a head on the images of the request, or on a dataset.
struct FineTuneRoute: Sendable {
    let teaching: Teaching
    let uploads: UploadReader

    var route: Route {
        Route(
            .post, "/fine-tune", scope: .teach,
            "trains a head on labelled images: curl -F road=@1.jpg -F mountain=@2.jpg …",
            parameters: FineTuneOptions.parameters,
            .handler { routed throws(Problem) in try await respond(to: routed) })
    }

    private func respond(to routed: RoutedRequest) async throws(Problem) -> Response {
        let key = routed.request.head.headerFields[.idempotencyKey]
        if let key, !(1...255).contains(key.utf8.count) {
            throw .invalidParameter("Idempotency-Key", expected: "1 to 255 bytes", found: "\(key.utf8.count)")
        }
        let (options, upload) = try await uploads.job(of: routed)
        do throws(TeachingError) {
            let creation = try await teaching.jobs.submit(options, images: upload.images, idempotencyKey: key)
            let summary = creation.isNew ? upload.summary(creation.images) : nil
            var response = Response.json(JSONWriter.text { creation.job.write(to: &$0, uploaded: summary) })
            response.status = .accepted
            response.headerFields[.location] = "/jobs/\(creation.job.id)"
            return response
        } catch { throw Problem(error) }
    }
}

extension HTTPField.Name {
    /// draft-ietf-httpapi-idempotency-key-header.
    fileprivate static let idempotencyKey: HTTPField.Name = {
        guard let name = HTTPField.Name("Idempotency-Key") else { preconditionFailure("'Idempotency-Key' is a token") }
        return name
    }()
}
