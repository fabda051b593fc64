import Foundation
import Persistence
import Service
import Testing

@Suite struct HeadTests {
    @Test(arguments: Place.allCases) func `a version comes back as it was saved`(_ place: Place) async throws {
        try await withStore(place) { store in
            let new = try version("\0tensors", metrics: "{}")
            let saved = try await store.saveHead("bikes", new, promote: false)
            #expect(saved.version == 1 && !saved.isPromoted && saved.kind == .logistic && saved.byteCount == 8)
            #expect(saved.labels == new.labels && saved.provenance == new.provenance && saved.metrics == new.metrics)
            #expect(try await store.headVersion(1, of: "bikes") == saved)
            #expect(try await store.tensors(ofVersion: 1, head: "bikes") == new.tensors)
        }
    }

    @Test(arguments: Place.allCases) func `the promoted version is served, an older one after a roll-back`(
        _ place: Place
    ) async throws {
        try await withStore(place) { store in
            _ = try await store.saveHead("bikes", version(), promote: false)
            await #expect(throws: StoreError.nothingPromoted(head: "bikes")) {
                try await store.headVersion(nil, of: "bikes")
            }
            _ = try await store.saveHead("bikes", version(), promote: true)
            _ = try await store.saveHead("bikes", version(), promote: false)
            #expect(try await store.headVersion(nil, of: "bikes").version == 2)
            #expect(
                try await store.promote(1, of: "bikes") == Head(name: "bikes", promoted: 1, latest: 3, versionCount: 3))
            let versions = try await store.headVersions(of: "bikes", before: nil, limit: 9)
            #expect(versions.map(\.version) == [3, 2, 1])
            #expect(versions.map(\.isPromoted) == [false, false, true])
            #expect(try await store.headVersions(of: "bikes", before: 3, limit: 1).map(\.version) == [2])
        }
    }

    @Test(arguments: Place.allCases) func `a version's number is never used again`(_ place: Place) async throws {
        try await withStore(place) { store in
            _ = try await store.saveHead("bikes", version(), promote: true)
            _ = try await store.saveHead("bikes", version(), promote: false)
            await #expect(throws: StoreError.versionPromoted(1, head: "bikes")) {
                try await store.deleteHeadVersion(1, of: "bikes")
            }
            try await store.deleteHeadVersion(2, of: "bikes")
            #expect(try await store.saveHead("bikes", version(), promote: false).version == 3)
            try await store.deleteHead("bikes")
            #expect(try await store.heads(after: nil, limit: 9).isEmpty)
            await #expect(throws: StoreError.unknownHead("bikes")) { try await store.head("bikes") }
            #expect(try await store.saveHead("bikes", version(), promote: false).version == 4)
            #expect(try await store.head("bikes").promoted == nil)
        }
    }

    @Test(arguments: Place.allCases) func `heads are listed by name, in pages`(_ place: Place) async throws {
        try await withStore(place) { store in
            for name in ["c", "a", "b", "a"] { _ = try await store.saveHead(name, version(), promote: true) }
            #expect(
                try await store.heads(after: nil, limit: 2) == [
                    Head(name: "a", promoted: 2, latest: 2, versionCount: 2),
                    Head(name: "b", promoted: 1, latest: 1, versionCount: 1),
                ])
            #expect(try await store.heads(after: "b", limit: 2).map(\.name) == ["c"])
        }
    }

    @Test func `what is not there is said to be unknown`() async throws {
        let store = try await SQLiteStore.inMemory()
        _ = try await store.saveHead("bikes", version(), promote: true)
        await #expect(throws: StoreError.unknownHead("no")) { try await store.headVersion(1, of: "no") }
        await #expect(throws: StoreError.unknownHead("no")) { try await store.deleteHead("no") }
        await #expect(throws: StoreError.unknownHeadVersion(2, head: "bikes")) {
            try await store.promote(2, of: "bikes")
        }
        await #expect(throws: StoreError.unknownHeadVersion(0, head: "bikes")) {
            try await store.tensors(ofVersion: 0, head: "bikes")
        }
        #expect(try await store.head("bikes").promoted == 1)
    }

    @Test(arguments: Place.allCases) func `lists show what is served, or the newest`(_ place: Place) async throws {
        try await withStore(place) { store in
            for (name, promotions) in [("a", [true, false]), ("b", [false, false])] {
                for promote in promotions {
                    _ = try await store.saveHead(name, version(metrics: "{}"), promote: promote)
                }
            }
            let heads = try await store.heads(after: nil, limit: 9)
            let shown = try await store.shownVersions(
                of: heads + [Head(name: "no", promoted: 1, latest: 1, versionCount: 1)])
            #expect(shown.mapValues(\.version) == ["a": 1, "b": 2])
            #expect(shown.values.allSatisfy { $0.metrics == nil && $0.accuracy == nil })
        }
    }
}
