import Foundation
import HTTPServer
import Service
import Testing

@testable import MartletAPI

/// openapi.yaml against what the routes answer.
struct OpenAPIAnswersTests {
    private let check: SchemaCheck

    init() throws { check = try APIDescription.shared().check }

    /// The media type's entry for JSON in an operation's description.
    private func content(_ method: String, _ path: String, _ status: String = "200") throws -> JSONValue {
        var response = try #require(check.document["paths"]?[path]?[method]?["responses"]?[status])
        if let reference = response["$ref"]?.string { response = try #require(check.resolved(reference)) }
        let content = try #require(response["content"]).object
        return try #require(content["application/json"] ?? content["application/problem+json"])
    }

    private func faults(_ response: Response, _ content: JSONValue) throws -> [String] {
        let value = try JSONDecoder().decode(JSONValue.self, from: Data(response.body))
        return check.faults(in: value, try #require(content["schema"]))
    }

    // MARK: Models

    private static let failed = ModelVersionStatus(version: "2", state: .failed, isLatest: false, failure: "no weights")
    private static let unlearned = ModelDescription(
        name: "lite", version: "1", inputShape: [1, 1, 1],
        preprocessing: ModelDescription.fake.preprocessing, classes: 3, embeddingLayer: nil, layers: [],
        parameters: 0, multiplyAdds: 0, digest: "sha256:00", license: nil, source: "a 1",
        batching: .init(
            maximumBatch: 1, maximumDelayMilliseconds: 0, batches: 0, millisecondsPerImage: nil,
            millisecondsPerBatch: nil))

    /// A model's report by what has become of the model.
    static let reports: [String: ModelReport] = [
        "ready": .fake,
        "ready, without what is optional": ModelReport(
            name: "lite", isDefault: false,
            versions: [ModelVersionStatus(version: "1", state: .ready, isLatest: true, failure: nil)],
            latest: unlearned),
        "unloaded": ModelReport(
            name: "lite", isDefault: true,
            versions: [ModelVersionStatus(version: "1", state: .unloaded, isLatest: false, failure: nil)], latest: nil),
        "evicted": ModelReport(
            name: "lite", isDefault: false,
            versions: [ModelVersionStatus(version: "1", state: .unloaded, isLatest: true, failure: nil)], latest: nil),
        "failed": ModelReport(name: "lite", isDefault: false, versions: [failed], latest: nil),
        "gone": ModelReport(name: "lite", isDefault: false, versions: [], latest: nil),
    ]

    @Test(arguments: reports.keys.sorted())
    func `A model is described as it is answered, in whatever state it is`(_ state: String) async throws {
        let api = MartletAPI(.serving([try #require(Self.reports[state])]))
        #expect(try await faults(api.response("GET /models"), content("get", "/models")) == [])
        #expect(try await faults(api.response("GET /models/lite"), content("get", "/models/{model}")) == [])
    }

    @Test(arguments: ["ModelSummary", "Model"])
    func `Every member of a model that is described is there in some answer`(_ schema: String) async throws {
        var seen: Set<String> = []
        for report in Self.reports.values {
            let answer = try await MartletAPI(.serving([report])).response(
                schema == "Model" ? "GET /models/lite" : "GET /models")
            let value = try JSONDecoder().decode(JSONValue.self, from: Data(answer.body))
            for model in value["models"]?.array ?? [value] { seen.formUnion(model.object.keys) }
        }
        #expect(check.members(of: try #require(check.resolved("#/components/schemas/\(schema)"))) == seen)
    }

    // MARK: Every route

    @Test func `Every answer in JSON is as its route's schema says`() async throws {
        var compared: [String] = []
        for (path, methods) in try #require(check.document["paths"]).object {
            for (method, operation) in methods.object {
                guard operation["responses"]?["200"]?["content"]?["application/json"] != nil,
                    operation["tags"]?.array != [.string("teaching")]
                else { continue }
                let name = "\(method.uppercased()) \(path.replacing("{model}", with: "lite"))"
                let isInference = ["/classify", "/embed"].contains(path)
                let response = try await MartletAPI(.fake).response(
                    name, isInference ? .form : [:], body: isInference ? form([jpeg("cat"), jpeg("broken")]) : [],
                    locality: .loopback)
                #expect(response.status == .ok, "\(name)")
                #expect(try faults(response, content(method, path)) == [], "\(name)")
                compared.append(name)
            }
        }
        #expect(compared.count == 11, "\(compared)")
    }

    @Test func `Base64 vectors are as the schema says`() async throws {
        let response = try await MartletAPI(.fake).response("POST /embed?encoding=base64", body: jpeg("cat"))
        #expect(try faults(response, content("post", "/embed")) == [])
    }

    @Test(arguments: [
        ("/classify?top_k=0", "400"), ("/classify?explain=1", "400"), ("/classify?model=dark", "404"),
        ("/embed?layer=nose", "404"), ("/classify", "415"),
    ])
    func `A problem is as the schema says`(_ target: String, _ status: String) async throws {
        let isImage = status != "415"
        let response = try await MartletAPI(.fake).response(
            "POST \(target)", body: isImage ? jpeg("cat") : Array("text".utf8))
        #expect("\(response.status.code)" == status)
        let path = String(target.prefix { $0 != "?" })
        #expect(try faults(response, content("post", path, status)) == [])
    }

    @Test func `Every example is as its schema says`() throws {
        var compared = 0
        func compare(_ value: JSONValue, at place: String) {
            if let schema = value["schema"] {
                let named = value["examples"]?.object.values.map { $0 } ?? []
                let resolved = named.compactMap { $0["$ref"]?.string.flatMap(check.resolved) ?? $0 }
                for example in [value["example"]].compactMap(\.self) + resolved.compactMap({ $0["value"] }) {
                    #expect(check.faults(in: example, schema) == [], "\(place)")
                    compared += 1
                }
            }
            for (name, member) in value.object { compare(member, at: "\(place)/\(name)") }
            for (index, element) in value.array.enumerated() { compare(element, at: "\(place)/\(index)") }
        }
        compare(check.document, at: "")
        #expect(compared > 20)
    }
}
