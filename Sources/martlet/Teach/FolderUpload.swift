import Foundation
import Service

/// Takes the images of a folder into a dataset, some at a time: the folder may be larger than memory.
struct FolderUpload {
    private static let mostImages = 500
    private static let mostBytes = 64 << 20

    let store: any Store
    let dataset: String

    private(set) var added = 0
    /// Images that the dataset had already.
    private(set) var duplicates = 0
    private var chunk: [NewImage] = []
    private var chunkBytes = 0

    init(store: any Store, dataset: String) {
        self.store = store
        self.dataset = dataset
    }

    /// - Parameters:
    ///   - retention: what the dataset is to keep; `nil` to leave an existing one as it is.
    ///   - onSkip: gets each file that cannot be read, and why.
    ///   - onProgress: gets how many of the files are done.
    /// - Throws: `StoreError`; `CancellationError`, after which what was added stays.
    mutating func add(
        _ files: [LabelledFolder.File], retention: Retention?, onSkip: (LabelledFolder.Skipped) -> Void,
        onProgress: (Int) -> Void
    ) async throws {
        try await prepareDataset(retention)
        for (index, file) in files.enumerated() {
            switch imageFile(file.path) {
            case .success(let bytes):
                if chunk.count == Self.mostImages || chunkBytes + bytes.count > Self.mostBytes { try await save() }
                chunk.append(try NewImage(bytes: bytes, label: file.label, filename: file.name))
                chunkBytes += bytes.count
            case .failure(let failure):
                onSkip(LabelledFolder.Skipped(name: file.name, reason: "\(failure)"))
            }
            try Task.checkCancellation()
            onProgress(index + 1)
        }
        try await save()
    }

    private func prepareDataset(_ retention: Retention?) async throws(StoreError) {
        do throws(StoreError) {
            _ = try await store.dataset(dataset)
            guard retention != nil else { return }
        } catch {
            guard case .unknownDataset = error else { throw error }
        }
        _ = try await store.putDataset(dataset, retention: retention ?? .images)
    }

    private mutating func save() async throws(StoreError) {
        guard !chunk.isEmpty else { return }
        for result in try await store.addImages(chunk, to: dataset) {
            if case .duplicate = result { duplicates += 1 } else { added += 1 }
        }
        (chunk, chunkBytes) = ([], 0)
    }
}
