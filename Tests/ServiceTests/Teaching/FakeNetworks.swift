import Foundation
import Imaging
import Inference
import Service

/// Networks for which an image is a text of numbers, and these its features: `1.5 -2 0`. Others cannot be decoded.
struct FakeNetworks: FeatureNetworks {
    /// What was asked for, in groups as it came.
    final class Record: Sendable {
        let groups = Locked<[[String]]>([])
        /// Through the queue, by anybody.
        let admitted = Locked(0)
        /// Waits here before each group.
        let gate = Locked<(@Sendable () async -> Void)?>(nil)

        var images: [String] { groups.withLock { $0.flatMap(\.self) } }

        /// Lets no more images through once so many were, until ``open()`` or the job's end.
        func close(after count: Int) {
            gate.withLock { gate in
                gate = { [self] in
                    while images.count >= count, gateIsClosed, !Task.isCancelled {
                        try? await Task.sleep(for: .milliseconds(2))
                    }
                }
            }
        }

        func open() { gate.withLock { $0 = nil } }

        private var gateIsClosed: Bool { gate.withLock { $0 != nil } }
    }

    var models = ["net"]
    var dimensions = 4
    var weights = "weights"
    let record = Record()
    var admittedImages: Int { record.admitted.withLock(\.self) }

    func network(named name: String?) async throws(ServiceError) -> any FeatureNetwork {
        let name = name ?? models.first ?? ""
        guard models.contains(name) else { throw .unknownModel(name, available: models) }
        guard let model = ContentDigest(of: Array(weights.utf8)), let preprocessing = ContentDigest(of: [2]) else {
            throw .failed("no digest")
        }
        return FakeNetwork(
            name: name, space: EmbeddingSpace(model: model, preprocessing: preprocessing, layer: "pool"),
            dimensions: dimensions, record: record)
    }
}

private struct FakeNetwork: FeatureNetwork {
    let name: String
    let space: EmbeddingSpace
    let dimensions: Int
    let record: FakeNetworks.Record

    func features(
        of images: [ViewedImage], inBackground: Bool
    ) async throws(ServiceError) -> [Result<[Float], ImageFailure>] {
        if !inBackground { record.admitted.withLock { $0 += images.count } }
        await record.gate.withLock { $0 }?()
        let texts = images.map { String(decoding: $0.bytes, as: UTF8.self) }
        record.groups.withLock { $0.append(texts) }
        return zip(texts, images).map { text, image in
            let numbers = text.split(separator: " ").compactMap { Float($0) }
            guard numbers.count == dimensions else {
                return .failure(ImageFailure(.broken, "the image ends too early"))
            }
            return .success(image.view == .mirrored ? numbers.reversed() : numbers)
        }
    }
}

/// `count` images of a class whose features lie around `centre`.
func cluster(
    _ label: String, _ centre: [Float], count: Int, seed: UInt64 = 1, spread: Float = 0.3
) throws -> [NewImage] {
    var state = seed
    func noise() -> Float {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (Float(state >> 40) / Float(1 << 24) - 0.5) * 2 * spread
    }
    return try (0..<count).map { index in
        let text = centre.map { "\($0 + noise())" }.joined(separator: " ")
        return try NewImage(bytes: Array(text.utf8), label: label, filename: "\(label)-\(index).jpg")
    }
}

/// Two classes that are easily told apart.
func roadsAndMountains(_ count: Int = 10, seed: UInt64 = 1) throws -> [NewImage] {
    try cluster("road", [1, 0, 0, 0], count: count, seed: seed)
        + cluster("mountain", [0, 1, 0, 0], count: count, seed: seed + 1)
}
