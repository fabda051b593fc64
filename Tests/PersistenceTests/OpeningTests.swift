import Foundation
import GRDB
import Service
import Testing

@testable import Persistence

@Suite struct OpeningTests {
    @Test func `a store is made with its folder, for its owner only, and is there after closing`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "new/var/martlet.db").path
            let store = try await SQLiteStore.open(path)
            _ = try await store.queue("bikes")
            for file in [path, path + "-wal", path + "-shm", path + ".lock"] {
                let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
                #expect(mode == 0o600, "\(file)")
            }
            try await store.close()
            await #expect(throws: StoreError.closed) { try await store.unfinishedJobs() }
            await #expect(throws: StoreError.closed) { try await store.queue("other") }
            #expect(try await SQLiteStore.open(path).unfinishedJobs().map(\.head) == ["bikes"])
        }
    }

    @Test func `commits wait for the disk, and keys and pages are as the schema needs them`() async throws {
        try await withTemporaryFolder { folder in
            let store = try await SQLiteStore.open(folder.appending(path: "martlet.db").path)
            for (pragma, value) in [
                ("journal_mode", "wal"), ("synchronous", "2"), ("foreign_keys", "1"), ("auto_vacuum", "2"),
                ("page_size", "16384"), ("secure_delete", "1"),
            ] {
                let found = try await store.writeWithoutTransaction { db in
                    try String.fetchOne(db, sql: "PRAGMA \(pragma)")
                }
                #expect(found == value, "\(pragma)")
            }
        }
    }

    @Test func `a second store on the same file is refused until the first is closed`() async throws {
        try await withTemporaryFolder { folder in
            let (path, link) = (folder.appending(path: "martlet.db").path, folder.appending(path: "link.db").path)
            let first = try await SQLiteStore.open(path)
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
            for name in [path, link] {
                await #expect(throws: StoreError.inUse(path: first.path, process: getpid())) {
                    try await SQLiteStore.open(name)
                }
            }
            try await first.close()
            _ = try await SQLiteStore.open(path)
        }
    }

    @Test(arguments: ["x", "SQLite format 3\0", String(repeating: "not a database ", count: 1000)])
    func `a file of something else is refused and left as it is`(_ content: String) async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "martlet.db")
            try Data(content.utf8).write(to: file)
            await #expect(throws: StoreError.foreignFile(path: file.resolvingSymlinksInPath().path)) {
                try await SQLiteStore.open(file.path)
            }
            #expect(try Data(contentsOf: file) == Data(content.utf8))
        }
    }

    @Test func `a database of another program is refused and left as it is`() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "martlet.db")
            let queue = try DatabaseQueue(path: file.path)
            try await queue.write { db in try db.execute(sql: "CREATE TABLE dataset (name TEXT)") }
            try queue.close()
            let content = try Data(contentsOf: file)
            await #expect(throws: StoreError.foreignFile(path: file.resolvingSymlinksInPath().path)) {
                try await SQLiteStore.open(file.path)
            }
            #expect(try Data(contentsOf: file) == content)
        }
    }

    @Test func `a store of the first schema is brought up to date`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "martlet.db").path
            let queue = try DatabaseQueue(path: path)
            try await queue.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA application_id = \(0x4D74_6C74)")
            }
            try Schema.migrator.migrate(queue, upTo: "1 datasets, jobs and heads")
            try await queue.write { db in
                try db.execute(
                    sql: """
                        INSERT INTO dataset (name, retention, created) VALUES ('d', 'images', 1);
                        INSERT INTO job (id, head, dataset, model, request, state, created)
                        VALUES ('j', 'bikes', 'd', 'net', X'7B7D', 'running', 2);
                        INSERT INTO head (name, last_version) VALUES ('bikes', 2);
                        """)
                let (labels, provenance) = (Data(#"["a","b"]"#.utf8), try JSONEncoder().encode(version().provenance))
                for (number, metrics) in [(1, nil), (2, Self.metrics)] {
                    try db.execute(
                        sql: """
                            INSERT INTO head_version (head, version, kind, labels, provenance, metrics, created, tensors)
                            VALUES ('bikes', ?, 'logistic', ?, ?, ?, 3, X'00')
                            """,
                        arguments: [number, labels, provenance, metrics.map { Data($0.utf8) }])
                }
            }
            try queue.close()
            let store = try await SQLiteStore.open(path)
            #expect(try await store.job("j").interruptions == 0)
            #expect(try await store.startJob("j").interruptions == 1)
            #expect(try await store.finishJob("j", .cancelled, event: nil).job.state == .cancelled)
            let versions = try await store.headVersions(of: "bikes", before: nil, limit: 9)
            #expect(versions.map(\.accuracy) == [0.75, nil] && versions[0].metrics == Data(Self.metrics.utf8))
        }
    }

    /// What a job of the first schema wrote, with an accuracy of 0.75.
    private static let metrics = """
        {"fit":{"converged":true,"gradient_norm":0,"iterations":1,"l2":1,"l2_chosen":false,"objective":0,\
        "temperature":1},"images":8,"labels":["a","b"],"learning_curve":[],"loss":[],"near_duplicates":[],\
        "probably_mislabelled":[],"seconds":{"embedding":0,"training":0},"skipped_images":0,"validation":{\
        "accuracy":0.75,"balanced_accuracy":0.75,"confusion":[[3,1],[1,3]],"ece":0,"images":8,"log_loss":0,\
        "method":"hold-out","per_class":{},"training_images":8,"uncalibrated":{"ece":0,"log_loss":0}}}
        """

    @Test func `a newer schema is refused by the name of its migration`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "martlet.db").path
            let store = try await SQLiteStore.open(path)
            try await store.write { db in
                try db.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('9 from the future')")
            }
            try await store.close()
            await #expect(throws: StoreError.newerSchema(path: store.path, migration: "9 from the future")) {
                try await SQLiteStore.open(path)
            }
        }
    }

    @Test func `a truncated or overwritten store is called damaged, not mended`() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "martlet.db")
            let store = try await SQLiteStore.open(file.path)
            _ = try await store.queue("bikes")
            try await store.close()
            let content = try Data(contentsOf: file)
            let overwritten = content.prefix(100) + Data(repeating: 0xA5, count: content.count - 100)
            for damaged in [content.prefix(content.count / 2), content.prefix(100), overwritten] {
                try damaged.write(to: file)
                await #expect {
                    try await SQLiteStore.open(file.path)
                } throws: { error in
                    if case StoreError.corrupt(store.path, _) = error { true } else { false }
                }
                #expect(try Data(contentsOf: file) == damaged)
            }
        }
    }

    @Test func `a path that cannot be a file is unreadable`() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "file")
            try Data().write(to: file)
            for path in [folder.path, file.appending(path: "martlet.db").path] {
                await #expect {
                    try await SQLiteStore.open(path)
                } throws: { error in
                    if case StoreError.unreadable(path, _) = error { true } else { false }
                }
            }
        }
    }

    @Test func `deleting gives the space back, and what was deleted is nowhere on the disk`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "martlet.db").path
            let store = try await SQLiteStore.open(path)
            let marker = "these pixels are private"
            _ = try await store.putDataset("d", retention: .images)
            let empty = try await store.size()
            _ = try await store.addImages(
                (0..<64).map { try image(String(repeating: "\(marker) \($0) ", count: 4000), "l") }, to: "d")
            let full = try await store.size()
            try await store.deleteDataset("d")
            let left = try await store.size()
            #expect(full > empty + (4 << 20) && left <= empty + (64 << 10))
            for file in [path, path + "-wal"] {
                #expect(try Data(contentsOf: URL(filePath: file)).range(of: Data(marker.utf8)) == nil, "\(file)")
            }
        }
    }
}

extension SQLiteStore {
    /// Of the database, in bytes.
    fileprivate func size() async throws -> Int {
        try await read { db in
            try (Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0) * (Int.fetchOne(db, sql: "PRAGMA page_size") ?? 0)
        }
    }
}
