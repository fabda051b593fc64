import Imaging

/// The images of a dataset as vectors of a network, computed where the store has none yet.
struct DatasetFeatures {
    /// An image that cannot be learned from.
    struct Skipped {
        let image: DatasetImage
        let reason: String
    }

    /// The images that can be learned from.
    private(set) var images: [DatasetImage] = []
    /// For each view `[images, dimensions]`, row-major.
    private(set) var vectors: [[Float]]
    private(set) var skipped: [Skipped] = []

    /// How many are read, computed and saved at a time: what a crash undoes.
    private static let chunkSize = 64

    let store: any Store
    let network: any FeatureNetwork
    let views: [ImageView]
    let pace: FeaturePace

    init(store: any Store, network: any FeatureNetwork, views: [ImageView], pace: FeaturePace) {
        self.store = store
        self.network = network
        self.views = views
        self.pace = pace
        vectors = Array(repeating: [], count: views.count)
    }

    /// Takes the images in.
    ///
    /// - Parameter onProgress: gets how many images are done.
    /// - Throws: `StoreError`, ``ServiceError``, `CancellationError`.
    mutating func add(_ images: [DatasetImage], onProgress: (Int) -> Void) async throws {
        for view in views.indices { vectors[view].reserveCapacity(images.count * network.dimensions) }
        for start in stride(from: 0, to: images.count, by: Self.chunkSize) {
            try Task.checkCancellation()
            let chunk = Array(images[start..<min(start + Self.chunkSize, images.count)])
            try await add(chunk: chunk)
            onProgress(start + chunk.count)
        }
    }

    private mutating func add(chunk: [DatasetImage]) async throws {
        var known: [[ContentDigest: [Float]]] = []
        for view in views {
            known.append(
                try await store.embeddings(of: chunk.map(\.digest), in: network.space, variant: view.variant))
        }
        var failures: [ContentDigest: String] = [:]
        let missing = chunk.filter { image in known.contains { $0[image.digest]?.count != network.dimensions } }
        if !missing.isEmpty {
            let (computed, failed) = try await compute(missing)
            failures = failed
            for (index, vectors) in computed.enumerated() { known[index].merge(vectors) { $1 } }
        }
        for image in chunk {
            let found = known.compactMap { $0[image.digest] }
            if found.count == views.count, failures[image.digest] == nil {
                images.append(image)
                for (view, vector) in found.enumerated() { vectors[view] += vector }
            } else {
                skipped.append(Skipped(image: image, reason: failures[image.digest] ?? "it has no features"))
            }
        }
    }

    /// Computes and saves all views of the images.
    private func compute(
        _ images: [DatasetImage]
    ) async throws -> (vectors: [[ContentDigest: [Float]]], failures: [ContentDigest: String]) {
        var failures: [ContentDigest: String] = [:]
        var (digests, files): ([ContentDigest], [ViewedImage]) = ([], [])
        for image in images where !digests.contains(image.digest) {
            guard let bytes = try await store.bytes(of: image.digest) else {
                failures[image.digest] =
                    "its pixels were not kept, and its features are of another model or another augmentation"
                continue
            }
            digests.append(image.digest)
            files += views.map { ViewedImage(bytes: bytes, view: $0) }
        }
        let results = try await pace.features(of: files, by: network)
        var vectors: [[ContentDigest: [Float]]] = Array(repeating: [:], count: views.count)
        var saved: [StoredEmbedding] = []
        for (index, digest) in digests.enumerated() {
            let own = results[index * views.count..<(index + 1) * views.count]
            for (view, result) in own.enumerated() {
                switch result {
                case .success(let vector): vectors[view][digest] = vector
                case .failure(let failure): failures[digest] = failure.description
                }
            }
            guard failures[digest] == nil else { continue }
            saved += views.enumerated().compactMap { index, view in
                vectors[index][digest].map { StoredEmbedding(image: digest, variant: view.variant, vector: $0) }
            }
        }
        try await store.saveEmbeddings(saved, in: network.space)
        return (vectors, failures)
    }
}

extension ImageView {
    /// What the store calls the embedding of this view.
    var variant: String { self == .whole ? "" : rawValue }
}

extension FineTuneOptions.Augmentation {
    /// The ways to look at an image, the first being as it came.
    var views: [ImageView] {
        switch self {
        case .none: [.whole]
        case .flip: [.whole, .mirrored]
        case .crops: ImageView.allCases
        }
    }
}
