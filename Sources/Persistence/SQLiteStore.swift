import Dispatch
import Foundation
import GRDB
import Service

/// The store in one SQLite file.
///
/// One process has it open at a time: two would both take up the jobs that a crash left behind. Beside the file lie SQLite's
/// `-wal` and `-shm` and a `.lock` that names the process.
///
/// Every access waits on GRDB's own queues, reads beside one writer, and is not interrupted by the task's cancellation.
public final class SQLiteStore: Store {
    let writer: any DatabaseWriter
    /// For messages.
    let path: String
    private let lock: StoreLock?

    init(writer: any DatabaseWriter, path: String, lock: StoreLock?) {
        self.writer = writer
        self.path = path
        self.lock = lock
    }

    /// Opens the store at `path`, which is created, readable to its owner only, with its folder where it is missing.
    ///
    /// A file that is something else, damaged, or newer than this program is left as it is.
    ///
    /// - Throws: ``StoreError/inUse(path:process:)``, ``StoreError/foreignFile(path:)``,
    ///   ``StoreError/corrupt(path:reason:)``, ``StoreError/newerSchema(path:migration:)``,
    ///   ``StoreError/unreadable(path:reason:)``, ``StoreError/diskFull``, ``StoreError/busy``.
    public static func open(_ path: String) async throws(StoreError) -> SQLiteStore {
        try await waiting(path) {
            let file = try StoreFile(creatingAt: path)
            let lock = try StoreLock(for: file.path)
            return SQLiteStore(writer: try file.open(), path: file.path, lock: lock)
        }
    }

    /// A store in memory, gone with its last reference.
    public static func inMemory() async throws(StoreError) -> SQLiteStore {
        try await waiting(":memory:") {
            let queue = try DatabaseQueue(configuration: StoreFile.configuration)
            try Schema.migrator.migrate(queue)
            return SQLiteStore(writer: queue, path: ":memory:", lock: nil)
        }
    }

    /// Ends the accesses under way and closes the file; everything afterwards throws ``StoreError/closed``.
    public func close() async throws(StoreError) {
        try await Self.waiting(path) { [writer, lock] in
            // GRDB closes its readers last, and these cannot move the log into the file.
            try? writer.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
            try writer.close()
            lock?.release()
        }
    }

    /// Does `updates` in one transaction, rolled back where they throw.
    func write<T: Sendable>(_ updates: @escaping @Sendable (Database) throws -> T) async throws(StoreError) -> T {
        try await writeWithoutTransaction { db in
            var result: Result<T, any Error> = .failure(CancellationError())
            try db.inTransaction {
                result = .success(try updates(db))
                return .commit
            }
            return try result.get()
        }
    }

    func writeWithoutTransaction<T: Sendable>(_ updates: @escaping @Sendable (Database) throws -> T)
        async throws(StoreError) -> T
    {
        let result: Result<T, StoreError> = await withCheckedContinuation { [writer, path] continuation in
            writer.asyncWriteWithoutTransaction { db in
                continuation.resume(returning: Result { try updates(db) }.mapError { StoreError($0, path: path) })
            }
        }
        return try result.get()
    }

    /// All that `value` reads is of one moment.
    func read<T: Sendable>(_ value: @escaping @Sendable (Database) throws -> T) async throws(StoreError) -> T {
        let result: Result<T, StoreError> = await withCheckedContinuation { [writer, path] continuation in
            writer.asyncRead { db in
                continuation.resume(returning: Result { try value(db.get()) }.mapError { StoreError($0, path: path) })
            }
        }
        return try result.get()
    }

    /// Runs `body` where it may block.
    private static func waiting<T: Sendable>(_ path: String, _ body: @escaping @Sendable () throws -> T)
        async throws(StoreError) -> T
    {
        let result: Result<T, StoreError> = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(returning: Result { try body() }.mapError { StoreError($0, path: path) })
            }
        }
        return try result.get()
    }
}
