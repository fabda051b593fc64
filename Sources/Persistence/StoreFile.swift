import Foundation
import GRDB
import Service

/// A store's file, before it is open.
struct StoreFile {
    /// Without symbolic links, so that two ways to one file have one lock.
    let path: String

    /// "Mtlt", in the database's header (https://www.sqlite.org/fileformat2.html § 1.3).
    private static let applicationID: UInt32 = 0x4D74_6C74

    /// Creates the file, empty, where it is missing.
    init(creatingAt path: String) throws(StoreError) {
        let folder = URL(filePath: path).deletingLastPathComponent()
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw .unreadable(path: path, reason: "cannot create folder '\(folder.path)'")
        }
        let descriptor = Foundation.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw StoreError(errno: errno, path: path) }
        Foundation.close(descriptor)
        guard let resolved = realpath(path, nil) else { throw StoreError(errno: errno, path: path) }
        defer { free(resolved) }
        self.path = String(cString: resolved)
    }

    /// How every connection is set up.
    static var configuration: Configuration {
        var configuration = Configuration()
        configuration.label = "martlet.store"
        configuration.foreignKeysEnabled = true
        // Other programs only: a backup, the sqlite3 shell.
        configuration.busyMode = .timeout(5)
        configuration.maximumReaderCount = 4
        configuration.prepareDatabase { db in
            // Sorting leaves nothing of the images in /tmp.
            try db.execute(sql: "PRAGMA temp_store = MEMORY")
            // Pixels that were not to be kept are overwritten, not only unlinked.
            try db.execute(sql: "PRAGMA secure_delete = ON")
        }
        return configuration
    }

    /// Opens the database, which must be locked, and brings its schema up to date.
    func open() throws -> DatabasePool {
        try checkHeader()
        try initialize()
        let pool = try DatabasePool(path: path, configuration: Self.configuration)
        try pool.writeWithoutTransaction { db in
            // GRDB sets NORMAL, with which a power failure takes the last transactions back: those were acknowledged.
            try db.execute(sql: "PRAGMA synchronous = FULL")
            // The log of one large upload does not stay on the disk.
            try db.execute(sql: "PRAGMA journal_size_limit = \(64 << 20)")
        }
        try refuseNewerSchema(pool)
        try Schema.migrator.migrate(pool)
        return pool
    }

    /// SQLite itself would open any file of its format, and change it.
    private func checkHeader() throws {
        let descriptor = Foundation.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw StoreError(errno: errno, path: path) }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        defer { try? file.close() }
        let header = try file.read(upToCount: 72) ?? Data()
        guard !header.isEmpty else { return }
        guard header.count == 72, header.starts(with: Data("SQLite format 3\0".utf8)),
            header[68..<72].reduce(0, { $0 << 8 | UInt32($1) }) == Self.applicationID
        else { throw StoreError.foreignFile(path: path) }
    }

    /// Sets what must be set before the first page is written. Not yet in WAL mode, so that the header which the next
    /// start checks is in the file itself.
    private func initialize() throws {
        let queue = try DatabaseQueue(path: path, configuration: Self.configuration)
        defer { try? queue.close() }
        try queue.writeWithoutTransaction { db in
            guard try Int.fetchOne(db, sql: "PRAGMA page_count") == 0 else { return }
            // An embedding of 1,280 numbers takes a third of such a page; of one of 4,096 bytes it would waste a half.
            try db.execute(sql: "PRAGMA page_size = 16384")
            try db.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
            try db.execute(sql: "PRAGMA application_id = \(Self.applicationID)")
        }
    }

    private func refuseNewerSchema(_ pool: DatabasePool) throws {
        let known = Set(Schema.migrator.migrations)
        let unknown = try pool.read { try Schema.migrator.appliedIdentifiers($0) }.subtracting(known)
        if let migration = unknown.min() { throw StoreError.newerSchema(path: path, migration: migration) }
    }
}
