import Foundation
import GRDB
import Service

/// A dataset without its counts, inside a transaction.
struct DatasetRow {
    let id: Int64
    let name: String
    let retention: Retention
    let created: Date

    init(_ row: Row) throws {
        id = row["id"]
        name = row["name"]
        retention = try row.choice("retention")
        created = row.date("created")
    }

    static func fetch(_ name: String, _ db: Database) throws -> DatasetRow? {
        try Row.fetchOne(db, sql: "SELECT * FROM dataset WHERE name = ?", arguments: [name]).map(DatasetRow.init)
    }

    static func required(_ name: String, _ db: Database) throws -> DatasetRow {
        guard let dataset = try fetch(name, db) else { throw StoreError.unknownDataset(name) }
        return dataset
    }

    /// Creates the dataset, or changes what it retains where that is said.
    static func put(_ name: String, _ retention: Retention?, _ db: Database) throws {
        try StoreName.check(name)
        try db.execute(
            sql: """
                INSERT INTO dataset (name, retention, created) VALUES (?, COALESCE(?, ?), ?)
                ON CONFLICT (name) DO UPDATE SET retention = COALESCE(?, retention)
                """,
            arguments: [
                name, retention?.rawValue, Retention.images.rawValue, Date.now.milliseconds, retention?.rawValue,
            ])
    }

    func dataset(_ db: Database) throws -> Dataset {
        let counts = try Row.fetchAll(
            db, sql: "SELECT label, COUNT(*) AS images FROM image WHERE dataset = ? GROUP BY label ORDER BY label",
            arguments: [id])
        return Dataset(
            name: name, created: created, retention: retention,
            labels: counts.map { LabelCount(label: $0["label"], imageCount: $0["images"]) })
    }
}
