import Foundation
import GRDB
import Service

/// Heads inside a transaction. One without versions is not there.
enum HeadRow {
    static let select = """
        SELECT name, promoted, MAX(version) AS latest, COUNT(*) AS versions
        FROM head JOIN head_version ON head_version.head = head.name
        """

    static let selectVersion = select(metrics: "metrics")
    /// Metrics may have 100 kB a version.
    static let selectVersionWithoutMetrics = select(metrics: "NULL AS metrics")

    private static func select(metrics: String) -> String {
        """
        SELECT head, version, kind, labels, provenance, \(metrics), accuracy, created, length(tensors) AS byte_count,
            promoted IS version AS is_promoted
        FROM head_version JOIN head ON head.name = head_version.head
        """
    }

    static func required(_ name: String, _ db: Database) throws -> Head {
        let row = try Row.fetchOne(db, sql: "\(select) WHERE name = ? GROUP BY name", arguments: [name])
        guard let row else { throw StoreError.unknownHead(name) }
        return Head(row)
    }

    static func required(_ version: Int, of head: String, _ db: Database) throws -> HeadVersion {
        let row = try Row.fetchOne(
            db, sql: "\(selectVersion) WHERE head = ? AND version = ?", arguments: [head, version])
        guard let row else { throw StoreError.unknownHeadVersion(version, head: head) }
        return try HeadVersion(row)
    }

    /// Saves the head's next version.
    static func save(_ version: NewHeadVersion, as head: String, promote: Bool, _ db: Database) throws -> HeadVersion {
        try StoreName.check(head)
        try db.execute(
            sql: """
                INSERT INTO head (name, last_version) VALUES (?, 1)
                ON CONFLICT (name) DO UPDATE SET last_version = last_version + 1
                """,
            arguments: [head])
        try db.execute(
            sql: """
                INSERT INTO head_version (head, version, kind, labels, provenance, metrics, accuracy, created, tensors)
                SELECT name, last_version, ?, ?, ?, ?, ?, ?, ? FROM head WHERE name = ?
                """,
            arguments: [
                version.kind.rawValue, JSONEncoder().encode(version.labels), JSONEncoder().encode(version.provenance),
                version.metrics?.checkingSize(), FineTuneMetrics(version.metrics)?.validation.accuracy,
                Date.now.milliseconds, version.tensors.checkingSize(), head,
            ])
        if promote {
            try db.execute(sql: "UPDATE head SET promoted = last_version WHERE name = ?", arguments: [head])
        }
        return try required(required(head, db).latest, of: head, db)
    }
}

extension Head {
    init(_ row: Row) {
        self.init(
            name: row["name"], promoted: row["promoted"], latest: row["latest"], versionCount: row["versions"])
    }
}

extension HeadVersion {
    init(_ row: Row) throws {
        self.init(
            head: row["head"], version: row["version"], kind: try row.choice("kind"), labels: try row.json("labels"),
            provenance: try row.json("provenance"), metrics: row["metrics"], accuracy: row["accuracy"],
            byteCount: row["byte_count"],
            created: row.date("created"), isPromoted: row["is_promoted"])
    }
}
