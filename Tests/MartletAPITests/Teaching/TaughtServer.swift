import Foundation
import HTTPServer
import HTTPTypes
import Inference
import Logging
import Persistence
import Testing

@testable import MartletAPI
@testable import Service

/// A server with a store in memory. Every answer is compared with openapi.yaml.
struct TaughtServer {
    let store: SQLiteStore
    let teaching: Teaching
    let api: MartletAPI
    let networks = PhotoNetworks()
    /// Which operations answered so far.
    let answered = Locked<Set<String>>([])

    init() async throws {
        store = try await SQLiteStore.inMemory()
        teaching = Teaching(store: store, networks: networks)
        api = MartletAPI(
            backend: .taught, teaching: teaching, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    func response(
        _ startLine: String, _ fields: HTTPFields = [:], body: [UInt8] = [], source: SourceLocation = #_sourceLocation
    ) async throws -> Response {
        let response = try await api.response(startLine, fields, body: body)
        let (operation, faults) = try APIDescription.shared().faults(in: response, to: startLine)
        #expect(faults == [], "\(startLine): \(response.status.code)", sourceLocation: source)
        answered.withLock { _ = $0.insert(operation) }
        return response
    }

    /// The answer's content, whose status must be as expected.
    @discardableResult
    func json(
        _ status: Int, _ startLine: String, _ fields: HTTPFields = [:], body: [UInt8] = [],
        source: SourceLocation = #_sourceLocation
    ) async throws -> JSONValue {
        let response = try await response(startLine, fields, body: body, source: source)
        #expect(
            response.status.code == status,
            "\(startLine): \(String(decoding: response.body.prefix(500), as: UTF8.self))",
            sourceLocation: source)
        return response.body.isEmpty ? .null : try JSONDecoder().decode(JSONValue.self, from: Data(response.body))
    }

    @discardableResult
    func json(
        _ status: Int, _ startLine: String, _ json: String, source: SourceLocation = #_sourceLocation
    ) async throws -> JSONValue {
        try await self.json(
            status, startLine, [.contentType: "application/json"], body: Array(json.utf8), source: source)
    }

    /// The type and text of the problem that answers.
    func problem(
        _ status: Int, _ startLine: String, _ fields: HTTPFields = [:], body: [UInt8] = [],
        source: SourceLocation = #_sourceLocation
    ) async throws -> (type: String, detail: String) {
        let problem = try await json(status, startLine, fields, body: body, source: source)
        return (problem["type"]?.string?.replacing("/problems/", with: "") ?? "", problem["detail"]?.string ?? "")
    }

    /// Trains a head of roads and mountain huts; gives the job as it ended.
    @discardableResult
    func teach(_ head: String = "bikes", _ query: String = "", source: SourceLocation = #_sourceLocation) async throws
        -> JSONValue
    {
        let job = try await json(
            202, "POST /fine-tune?head=\(head)\(query)", .form, body: labelledForm(roadsAndHuts()), source: source)
        return try await ended(job, source: source)
    }

    func ended(_ job: JSONValue, source: SourceLocation = #_sourceLocation) async throws -> JSONValue {
        let job = try await json(200, "GET /jobs/\(try #require(job["id"]?.string))?wait=60", source: source)
        #expect(job["state"]?.string == "succeeded", "\(job)", sourceLocation: source)
        return job
    }
}

/// A network for which a photo has its features as text.
struct PhotoNetworks: FeatureNetworks {
    /// Keeps whoever asks for features waiting while it is closed.
    let isClosed = Locked(false)
    var admittedImages: Int { 0 }

    func network(named name: String?) async throws(ServiceError) -> any FeatureNetwork {
        guard [nil, "lite"].contains(name) else { throw .unknownModel(name ?? "", available: ["lite"]) }
        guard let digest = ContentDigest(of: [1]) else { throw .failed("no digest") }
        return PhotoNetwork(
            space: EmbeddingSpace(model: digest, preprocessing: digest, layer: "global_pool"), isClosed: isClosed)
    }
}

private struct PhotoNetwork: FeatureNetwork {
    let name = "lite"
    let space: EmbeddingSpace
    let dimensions = 4
    let isClosed: Locked<Bool>

    func features(
        of images: [ViewedImage], inBackground: Bool
    ) async throws(ServiceError) -> [Result<[Float], ImageFailure>] {
        while isClosed.withLock(\.self) {
            guard (try? await Task.sleep(for: .milliseconds(5))) != nil else { throw .cancelled }
        }
        return images.map { photoFeatures($0.bytes) }
    }
}

func photo(_ features: [Float]) -> [UInt8] { jpeg(features.map { "\($0)" }.joined(separator: " ")) }

private func photoFeatures(_ bytes: [UInt8]) -> Result<[Float], ImageFailure> {
    let numbers = String(decoding: bytes.dropFirst(3), as: UTF8.self).split(separator: " ").compactMap { Float($0) }
    return numbers.count == 4 ? .success(numbers) : .failure(ImageFailure(.broken, "the JPEG ends too early"))
}

/// A file of a form and its label.
struct LabelledPhoto {
    let label: String
    let filename: String
    let bytes: [UInt8]
}

/// Two classes that are easily told apart, of `count` photos each.
func roadsAndHuts(_ count: Int = 6) -> [LabelledPhoto] {
    (0..<count).flatMap { index in
        let noise = Float(index) / Float(count) - 0.5
        return [
            LabelledPhoto(label: "road", filename: "r\(index).jpg", bytes: photo([1, noise / 3, 0, noise / 4])),
            LabelledPhoto(label: "mountainHut", filename: "m\(index).jpg", bytes: photo([noise / 3, 1, noise / 4, 0])),
        ]
    }
}

/// A form with the boundary `X`: files by their labels, and other fields.
func labelledForm(_ photos: [LabelledPhoto], _ fields: [(name: String, value: String)] = []) -> [UInt8] {
    var body: [UInt8] = []
    for photo in photos {
        body += Array(
            "--X\r\nContent-Disposition: form-data; name=\"\(photo.label)\"; filename=\"\(photo.filename)\"\r\n\r\n"
                .utf8)
        body += photo.bytes + Array("\r\n".utf8)
    }
    for (name, value) in fields {
        body += Array("--X\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n".utf8)
    }
    return body + Array("--X--\r\n".utf8)
}

extension Backend {
    /// `fake`, with heads that classify photos.
    fileprivate static let taught = Backend(
        classify: { images, terms, topK, head throws(ServiceError) in
            guard let head else { return try await fake.classify(images, terms, topK, head) }
            return ClassifyResult(
                model: "lite", version: "1", head: head.reference,
                predictions: images.map { image in
                    let answer = image.content.flatMap { bytes in
                        photoFeatures(bytes).flatMap { features in
                            (try? head.answers(for: [features]).first).map { .success($0) }
                                ?? .failure(ImageFailure(.broken, "the head does not take it"))
                        }
                    }
                    return Prediction(
                        id: image.id, filename: image.filename,
                        classes: answer.map { answer in
                            zip(head.labels, answer.probabilities).enumerated().map { index, pair in
                                ClassProbability(label: pair.0, index: index, probability: pair.1)
                            }.sorted { $0.probability > $1.probability }
                        }, novelty: try? answer.get().novelty)
                }, timing: .fixed)
        }, embed: fake.embed, models: fake.models, load: fake.load, unload: fake.unload, exportONNX: fake.exportONNX,
        statistics: fake.statistics, isReady: fake.isReady)
}
