import Foundation
import GRDB
import Service

extension SQLiteStore {
    public func putDataset(_ name: String, retention: Retention?)
        async throws(StoreError) -> (dataset: Dataset, isNew: Bool)
    {
        let (dataset, isNew) = try await write { db in
            let isNew = try DatasetRow.fetch(name, db) == nil
            try DatasetRow.put(name, retention, db)
            return (try DatasetRow.required(name, db).dataset(db), isNew)
        }
        if !isNew { await reclaimSpace() }
        return (dataset, isNew)
    }

    public func dataset(_ name: String) async throws(StoreError) -> Dataset {
        try await read { db in try DatasetRow.required(name, db).dataset(db) }
    }

    public func datasets(after name: String?, limit: Int) async throws(StoreError) -> [Dataset] {
        try await read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM dataset WHERE name > ? ORDER BY name LIMIT ?",
                arguments: [name ?? "", max(0, limit)]
            ).map { try DatasetRow($0).dataset(db) }
        }
    }

    public func deleteDataset(_ name: String) async throws(StoreError) {
        try await write { db in
            let dataset = try DatasetRow.required(name, db)
            try db.execute(sql: "DELETE FROM dataset WHERE id = ?", arguments: [dataset.id])
        }
        await reclaimSpace()
    }
}
