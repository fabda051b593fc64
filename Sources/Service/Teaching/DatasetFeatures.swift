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
    /// Of those, the ones that the dataset had no more when their turn came.
    private(set) var deleted: Set<DatasetImage.ID> = []

    /// How many are read, computed and saved at a time: what a crash undoes.
    private static let chunkSize = 64

    let store: any Store
    let network: any FeatureNetwork
    let dataset: String
    let views: [ImageView]
    let pace: FeaturePace

    init(store: any Store, network: any FeatureNetwork, dataset: String, views: [ImageView], pace: FeaturePace) {
        self.store = store
        self.network = network
        self.dataset = dataset
        self.views = views
        self.pace = pace
        vectors = Array(repeating: [], count: views.count)
    }

    /// Takes the images in. Those that contradict each other are only computed: without features their pixels would stay
    /// where none are to be kept.
    ///
    /// - Parameter onProgress: gets the part of the images that is done.
    /// - Throws: `StoreError`, ``ServiceError``, `CancellationError`.
    mutating func add(_ contents: DatasetContents, onProgress: (Double) -> Void) async throws {
        let contradictory = contents.contradictions.compactMap(\.first)
        let count = Double(contents.images.count + contradictory.count)
        for view in views.indices { vectors[view].reserveCapacity(contents.images.count * network.dimensions) }
        for start in stride(from: 0, to: contents.images.count, by: Self.chunkSize) {
            let chunk = Array(contents.images[start...].prefix(Self.chunkSize))
            try await add(chunk)
            onProgress(Double(start + chunk.count) / count)
        }
        for start in stride(from: 0, to: contradictory.count, by: Self.chunkSize) {
            let chunk = Array(contradictory[start...].prefix(Self.chunkSize))
            _ = try await features(of: chunk)
            onProgress(Double(contents.images.count + start + chunk.count) / count)
        }
    }

    private mutating func add(_ chunk: [DatasetImage]) async throws {
        let (known, failures) = try await features(of: chunk)
        for image in chunk {
            let found = known.compactMap { $0[image.digest] }
            if found.count == views.count, failures[image.digest] == nil {
                images.append(image)
                for (view, vector) in found.enumerated() { vectors[view] += vector }
            } else if try await isDeleted(image) {
                deleted.insert(image.id)
                skipped.append(Skipped(image: image, reason: "it was deleted while the job ran"))
            } else {
                skipped.append(Skipped(image: image, reason: failures[image.digest] ?? "it has no features"))
            }
        }
    }

    private func isDeleted(_ image: DatasetImage) async throws -> Bool {
        do throws(StoreError) {
            _ = try await store.image(image.id, of: dataset)
            return false
        } catch {
            guard case .unknownImage = error else { throw error }
            return true
        }
    }

    /// The features of each view, from the store or computed, and why there are none.
    private func features(
        of images: [DatasetImage]
    ) async throws -> (vectors: [[ContentDigest: [Float]]], failures: [ContentDigest: String]) {
        try Task.checkCancellation()
        var known: [[ContentDigest: [Float]]] = []
        for view in views {
            known.append(
                try await store.embeddings(of: images.map(\.digest), in: network.space, variant: view.variant))
        }
        let missing = images.filter { image in known.contains { $0[image.digest]?.count != network.dimensions } }
        guard !missing.isEmpty else { return (known, [:]) }
        let (computed, failures) = try await compute(missing)
        for (index, vectors) in computed.enumerated() { known[index].merge(vectors) { $1 } }
        return (known, failures)
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
                    "its pixels were not kept, and it has no features of this model and augmentation"
                continue
            }
            digests.append(image.digest)
            files += views.map { ViewedImage(bytes: bytes, view: $0) }
        }
        let results = try await pace.features(of: files, by: network)
        var vectors: [[ContentDigest: [Float]]] = Array(repeating: [:], count: views.count)
        var saved: [StoredEmbedding] = []
        var undecodable: [ContentDigest] = []
        for (index, digest) in digests.enumerated() {
            let own = results[index * views.count..<(index + 1) * views.count]
            for (view, result) in own.enumerated() {
                switch result {
                case .success(let vector): vectors[view][digest] = vector
                case .failure(let failure):
                    failures[digest] = failure.description
                    // All other kinds come again whenever the image is decoded.
                    if failure.kind != .outOfMemory, undecodable.last != digest { undecodable.append(digest) }
                }
            }
            guard failures[digest] == nil else { continue }
            saved += views.enumerated().compactMap { index, view in
                vectors[index][digest].map { StoredEmbedding(image: digest, variant: view.variant, vector: $0) }
            }
        }
        try await store.saveEmbeddings(saved, in: network.space)
        if !undecodable.isEmpty { try await store.deleteUnretainedFiles(of: undecodable) }
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
