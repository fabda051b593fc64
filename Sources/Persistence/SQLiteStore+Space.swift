import GRDB

extension SQLiteStore {
    /// A few megabytes at a time, so that other writes come between. The write-ahead log, which still has what was deleted,
    /// is emptied too.
    public func reclaimSpace() async {
        var pages = Int.max
        while let left = try? await freePages(afterFreeing: 256), left < pages, left > 0 { pages = left }
        _ = try? await writeWithoutTransaction { db in try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
    }

    private func freePages(afterFreeing count: Int) async throws -> Int {
        try await writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA incremental_vacuum(\(count))")
            return try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
        }
    }
}
