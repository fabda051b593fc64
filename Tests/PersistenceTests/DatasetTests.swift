import Foundation
import Persistence
import Service
import Testing

@Suite struct DatasetTests {
    @Test(arguments: Place.allCases) func `a dataset counts its images by label`(_ place: Place) async throws {
        try await withStore(place) { store in
            let (new, isNew) = try await store.putDataset("bikes", retention: .images)
            #expect(isNew && new.imageCount == 0)
            let added = try await store.addImages(
                [image("1", "road"), image("2", "mountain"), image("3", "road")], to: "bikes")
            #expect(added == [.added(id: 1), .added(id: 2), .added(id: 3)])
            let dataset = try await store.dataset("bikes")
            #expect(dataset.name == "bikes" && dataset.retention == .images)
            #expect(abs(dataset.created.timeIntervalSinceNow) < 60)
            #expect(
                dataset.labels == [
                    LabelCount(label: "mountain", imageCount: 1), LabelCount(label: "road", imageCount: 2),
                ])
            #expect(try await store.putDataset("bikes", retention: .images).isNew == false)
        }
    }

    @Test(arguments: Place.allCases) func `datasets are listed by name, in pages`(_ place: Place) async throws {
        try await withStore(place) { store in
            for name in ["c", "a", "b"] { _ = try await store.putDataset(name, retention: .embeddings) }
            #expect(try await store.datasets(after: nil, limit: 2).map(\.name) == ["a", "b"])
            #expect(try await store.datasets(after: "b", limit: 2).map(\.name) == ["c"])
            #expect(try await store.datasets(after: nil, limit: -1).isEmpty)
        }
    }

    @Test(arguments: Place.allCases)
    func `the same bytes under the same label are a duplicate, under another a conflict`(_ place: Place) async throws {
        try await withStore(place) { store in
            _ = try await store.putDataset("d", retention: .images)
            let added = try await store.addImages(
                [image("x", "road"), image("x", "road"), image("x", "mountain"), image("y", "road")], to: "d")
            #expect(
                added == [
                    .added(id: 1), .duplicate(of: 1),
                    .conflicting(id: 2, with: [ConflictingImage(id: 1, label: "road")]), .added(id: 3),
                ])
            #expect(try await store.dataset("d").imageCount == 3)
            _ = try await store.putDataset("e", retention: .images)
            #expect(try await store.addImages([image("x", "sky")], to: "e") == [.added(id: 4)])
        }
    }

    @Test(arguments: Place.allCases) func `images are listed in pages as they were added`(_ place: Place) async throws {
        try await withStore(place) { store in
            _ = try await store.putDataset("d", retention: .images)
            _ = try await store.addImages((0..<5).map { try image("\($0)", "l", filename: "f\($0)") }, to: "d")
            let page = try await store.images(of: "d", after: 2, limit: 2)
            #expect(page.map(\.id) == [3, 4])
            #expect(page.map(\.filename) == ["f2", "f3"])
            #expect(page.map(\.digest) == [try digest("2"), try digest("3")])
            #expect(page.map(\.byteCount) == [1, 1])
            #expect(try await store.image(3, of: "d") == page[0])
            #expect(try await store.images(of: "d", after: 5, limit: 2).isEmpty)
        }
    }

    @Test(arguments: Place.allCases) func `an image's bytes stay until its last image goes`(_ place: Place) async throws
    {
        try await withStore(place) { store in
            for name in ["d", "e"] {
                _ = try await store.putDataset(name, retention: .images)
                _ = try await store.addImages([image("x", "road")], to: name)
            }
            try await store.saveEmbeddings([StoredEmbedding(image: digest("x"), vector: [1])], in: space())
            try await store.deleteImage(1, of: "d")
            #expect(try await store.bytes(of: digest("x")) == Array("x".utf8))
            try await store.deleteDataset("e")
            #expect(try await store.bytes(of: digest("x")) == nil)
            #expect(try await store.embeddings(of: [digest("x")], in: space(), variant: "").isEmpty)
        }
    }

    @Test(arguments: Place.allCases) func `an image's id is not used again`(_ place: Place) async throws {
        try await withStore(place) { store in
            _ = try await store.putDataset("d", retention: .images)
            _ = try await store.addImages([image("x", "road")], to: "d")
            try await store.deleteImage(1, of: "d")
            #expect(try await store.addImages([image("y", "road")], to: "d") == [.added(id: 2)])
        }
    }

    @Test(arguments: Place.allCases) func `what is not there is said to be unknown`(_ place: Place) async throws {
        try await withStore(place) { store in
            _ = try await store.putDataset("d", retention: .images)
            _ = try await store.putDataset("e", retention: .images)
            _ = try await store.addImages([image("x", "road")], to: "e")
            await #expect(throws: StoreError.unknownDataset("no")) { try await store.dataset("no") }
            await #expect(throws: StoreError.unknownDataset("no")) { try await store.addImages([], to: "no") }
            await #expect(throws: StoreError.unknownDataset("no")) { try await store.deleteDataset("no") }
            await #expect(throws: StoreError.unknownDataset("no")) { try await store.digest(of: "no") }
            await #expect(throws: StoreError.unknownImage(1, dataset: "d")) { try await store.image(1, of: "d") }
            await #expect(throws: StoreError.unknownImage(1, dataset: "d")) { try await store.deleteImage(1, of: "d") }
        }
    }

    @Test(arguments: ["", "-a", ".", "a/b", "ä", "a b", "a\n", String(repeating: "a", count: 65)])
    func `a bad name is refused`(_ name: String) async throws {
        let store = try await SQLiteStore.inMemory()
        await #expect(throws: StoreError.invalidName(name)) {
            try await store.putDataset(name, retention: .images)
        }
        await #expect(throws: StoreError.invalidName(name)) { try await store.saveHead(name, version(), promote: true) }
        #expect(try await store.datasets(after: nil, limit: 9).isEmpty)
    }

    @Test func `names of 64 characters with dots and dashes are fine`() async throws {
        let store = try await SQLiteStore.inMemory()
        let name = "0.A_b-" + String(repeating: "z", count: 58)
        #expect(try await store.putDataset(name, retention: .images).dataset.name == name)
    }

    @Test(arguments: [
        "", "a\0b", "a\u{85}", "\u{202E}ab", "a\u{200B}b", "\u{FEFF}a", String(repeating: "é", count: 129),
    ])
    func `a bad label is refused`(_ label: String) throws {
        #expect(throws: StoreError.invalidLabel(String(label.prefix(64)))) { try image("x", label) }
    }

    @Test func `labels that look the same are the same`() throws {
        let label = try image("x", "e\u{301}").label
        #expect(label.unicodeScalars.map(\.value) == [0xE9])
        #expect(try image("x", String(repeating: "é", count: 128)).label.utf8.count == 256)
    }

    @Test func `a file name is cut to 255 bytes and has no control characters`() throws {
        #expect(try image("x", "l", filename: "a\0\n").filename == "a\u{FFFD}\u{FFFD}")
        #expect(
            try image("x", "l", filename: String(repeating: "é", count: 200)).filename
                == String(repeating: "é", count: 127))
    }

    /// The expected digest is Python's, of what `ContentDigest(ofDataset:)` states:
    /// hashlib.sha256(b"".join(sha256(x).digest() + struct.pack("<I", len(l)) + l for …sorted)).hexdigest()
    @Test(arguments: Place.allCases) func `a dataset's digest does not depend on the order`(_ place: Place) async throws
    {
        try await withStore(place) { store in
            let images = try [image("1", "road"), image("2", "é"), image("1", "hill")]
            for (name, images) in [("a", images), ("b", images.reversed()), ("c", Array(images.dropLast()))] {
                _ = try await store.putDataset(name, retention: .images)
                _ = try await store.addImages(images, to: name)
            }
            #expect(
                try await store.digest(of: "a")?.description
                    == "29b35971670b5ae6a076c1a58af64ec50622eb93b9f8e69b1f0093101f258a87")
            #expect(try await store.digest(of: "b") == store.digest(of: "a"))
            #expect(try await store.digest(of: "c") != store.digest(of: "a"))
        }
    }
}
