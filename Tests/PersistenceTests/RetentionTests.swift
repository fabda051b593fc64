import Foundation
import Persistence
import Service
import Testing

@Suite struct RetentionTests {
    @Test(arguments: Place.allCases) func `embeddings come back bit for bit`(_ place: Place) async throws {
        try await withStore(place) { store in
            _ = try await store.putDataset("d", retention: .images)
            _ = try await store.addImages([image("x", "l"), image("y", "l")], to: "d")
            let vector: [Float] = [0, -0.0, 1.5, .pi, .leastNonzeroMagnitude, .infinity, .nan]
            try await store.saveEmbeddings(
                [
                    StoredEmbedding(image: digest("x"), vector: vector),
                    StoredEmbedding(image: digest("x"), variant: "flip", vector: [2]),
                    StoredEmbedding(image: digest("y"), vector: []),
                    StoredEmbedding(image: digest("not there"), vector: [3]),
                ], in: space())
            let found = try await store.embeddings(
                of: [digest("x"), digest("y"), digest("not there")], in: space(), variant: "")
            #expect(found[try digest("x")]?.map(\.bitPattern) == vector.map(\.bitPattern))
            #expect(found[try digest("y")] == [])
            #expect(found.count == 2)
            #expect(
                try await store.embeddings(of: [digest("x")], in: space(), variant: "flip") == [digest("x"): [2]])
            #expect(try await store.embeddings(of: [digest("x")], in: space("other"), variant: "").isEmpty)
            try await store.saveEmbeddings([StoredEmbedding(image: digest("x"), vector: [4])], in: space())
            #expect(try await store.embeddings(of: [digest("x")], in: space(), variant: "") == [digest("x"): [4]])
        }
    }

    @Test(arguments: Place.allCases) func `pixels that are not retained go with the embedding`(_ place: Place)
        async throws
    {
        try await withStore(place) { store in
            _ = try await store.putDataset("private", retention: .embeddings)
            _ = try await store.addImages([image("x", "l"), image("y", "l")], to: "private")
            #expect(try await store.bytes(of: digest("x")) != nil)
            try await store.saveEmbeddings(
                [
                    StoredEmbedding(image: digest("x"), vector: [1]),
                    StoredEmbedding(image: digest("x"), variant: "flip", vector: [2]),
                ], in: space())
            #expect(try await store.bytes(of: digest("x")) == nil)
            #expect(try await store.bytes(of: digest("y")) != nil)
            #expect(try await store.embeddings(of: [digest("x")], in: space(), variant: "flip").count == 1)
            // Sent again, as a duplicate and under another label.
            _ = try await store.addImages([image("x", "l"), image("x", "m")], to: "private")
            #expect(try await store.bytes(of: digest("x")) == nil)
        }
    }

    @Test(arguments: Place.allCases) func `pixels stay as long as one dataset retains them`(_ place: Place) async throws
    {
        try await withStore(place) { store in
            _ = try await store.putDataset("private", retention: .embeddings)
            _ = try await store.putDataset("open", retention: .images)
            for name in ["private", "open"] { _ = try await store.addImages([image("x", "l")], to: name) }
            try await store.saveEmbeddings([StoredEmbedding(image: digest("x"), vector: [1])], in: space())
            #expect(try await store.bytes(of: digest("x")) != nil)
            try await store.deleteDataset("open")
            #expect(try await store.bytes(of: digest("x")) == nil)
            #expect(try await store.embeddings(of: [digest("x")], in: space(), variant: "").count == 1)
        }
    }

    @Test(arguments: Place.allCases) func `a dataset that stops retaining loses its pixels at once`(_ place: Place)
        async throws
    {
        try await withStore(place) { store in
            _ = try await store.putDataset("d", retention: .images)
            _ = try await store.addImages([image("x", "l"), image("y", "l")], to: "d")
            try await store.saveEmbeddings([StoredEmbedding(image: digest("x"), vector: [1])], in: space())
            #expect(try await store.putDataset("d", retention: .embeddings).dataset.retention == .embeddings)
            #expect(try await store.bytes(of: digest("x")) == nil)
            #expect(try await store.bytes(of: digest("y")) != nil)
            _ = try await store.putDataset("d", retention: .images)
            _ = try await store.addImages([image("x", "l")], to: "d")
            #expect(try await store.bytes(of: digest("x")) != nil)
        }
    }

    @Test(arguments: Place.allCases) func `what a dataset retains changes only where that is said`(_ place: Place)
        async throws
    {
        try await withStore(place) { store in
            #expect(try await store.putDataset("d", retention: nil).dataset.retention == .images)
            _ = try await store.putDataset("d", retention: .embeddings)
            #expect(try await store.putDataset("d", retention: nil).dataset.retention == .embeddings)
            for (retention, expected) in [
                (Retention?.none, Retention.embeddings), (.images, .images), (nil, .images),
            ] {
                let job = try await store.createJob(
                    NewJob(head: "h", dataset: "d", model: "net", request: Data("{}".utf8)),
                    images: [image("x", "l")], retention: retention
                ).job
                _ = try await store.finishJob(job.id, .cancelled, event: nil)
                #expect(try await store.dataset("d").retention == expected)
            }
        }
    }
}
