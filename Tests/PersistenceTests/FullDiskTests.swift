import Foundation
import GRDB
import Service
import Testing

@testable import Persistence

@Suite struct FullDiskTests {
    @Test(arguments: Place.allCases) func `an upload that does not fit leaves nothing`(_ place: Place) async throws {
        try await withStore(place) { store in
            _ = try await store.putDataset("d", retention: .images)
            try await store.limitPages(to: 600)
            try await expectDiskFull(store)
            // As if somebody had made room.
            try await store.limitPages(to: 4000)
            #expect(try await store.addImages([large()], to: "d").count == 1)
        }
    }

    @Test(arguments: Place.allCases) func `a head that does not fit leaves its job running`(_ place: Place) async throws
    {
        try await withStore(place) { store in
            let job = try await store.queue("bikes")
            _ = try await store.startJob(job.id)
            try await store.limitPages(to: 40)
            let version = try version(String(repeating: "x", count: 1 << 20))
            await #expect(throws: StoreError.diskFull) {
                try await store.finishJob(job.id, .succeeded(version, promote: true), event: nil)
            }
            #expect(try await store.job(job.id).state == .running)
            #expect(try await store.heads(after: nil, limit: 9).isEmpty)
            try await store.limitPages(to: 4000)
            let head = try await store.finishJob(job.id, .succeeded(version, promote: true), event: nil).head
            #expect(head?.version == 1)
        }
    }

    @Test(.enabled("needs the right to mount a tmpfs", canMount))
    func `a full file system leaves a consistent store`() async throws {
        try await withTemporaryFolder { folder in
            try #require(try mount(folder))
            defer { _ = try? run("umount", "-l", folder.path) }
            let path = folder.appending(path: "martlet.db").path
            let store = try await SQLiteStore.open(path)
            _ = try await store.putDataset("d", retention: .images)
            try await expectDiskFull(store)
            try await store.close()
            let again = try await SQLiteStore.open(path)
            #expect(try await again.dataset("d").imageCount == 1)
            try await again.close()
        }
    }
}

/// Adds a small image, and then images of a megabyte until they do not fit.
private func expectDiskFull(_ store: SQLiteStore) async throws {
    _ = try await store.addImages([image("small", "l")], to: "d")
    await #expect(throws: StoreError.diskFull) {
        try await store.addImages((0..<16).map { _ in try large() }, to: "d")
    }
    #expect(try await store.dataset("d").imageCount == 1)
    #expect(try await store.bytes(of: digest("small")) != nil)
    #expect(try await store.faults() == [])
}

private func large() throws -> NewImage {
    try NewImage(bytes: Array(UUID().uuidString.utf8) + Array(repeating: 1, count: 1 << 20), label: "l")
}

@Sendable private func canMount() async throws -> Bool {
    try await withTemporaryFolder { folder in
        guard try mount(folder) else { return false }
        return try run("umount", folder.path)
    }
}

/// Whether a file system of 4 MB is there now.
private func mount(_ folder: URL) throws -> Bool {
    try run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder.path)
}

/// Whether the command succeeded.
private func run(_ command: String...) throws -> Bool {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = command
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus == 0
}

extension SQLiteStore {
    fileprivate func limitPages(to count: Int) async throws {
        try await writeWithoutTransaction { db in try db.execute(sql: "PRAGMA max_page_count = \(count)") }
    }

    /// What SQLite finds wrong with the database.
    func faults() async throws -> [String] {
        try await read { db in
            try String.fetchAll(db, sql: "PRAGMA integrity_check").filter { $0 != "ok" }
                + Row.fetchAll(db, sql: "PRAGMA foreign_key_check").map(\.description)
        }
    }
}
