import Foundation
import GRDB
import Service

extension SQLiteStore {
    public func saveHead(_ name: String, _ version: NewHeadVersion, promote: Bool)
        async throws(StoreError) -> HeadVersion
    {
        try await write { db in try HeadRow.save(version, as: name, promote: promote, db) }
    }

    public func head(_ name: String) async throws(StoreError) -> Head {
        try await read { db in try HeadRow.required(name, db) }
    }

    public func heads(after name: String?, limit: Int) async throws(StoreError) -> [Head] {
        try await read { db in
            try Row.fetchAll(
                db, sql: "\(HeadRow.select) WHERE name > ? GROUP BY name ORDER BY name LIMIT ?",
                arguments: [name ?? "", max(0, limit)]
            ).map(Head.init)
        }
    }

    public func shownVersions(of heads: [Head]) async throws(StoreError) -> [String: HeadVersion] {
        try await read { db in
            let statement = try db.cachedStatement(
                sql: """
                    \(HeadRow.selectVersionWithoutMetrics) WHERE head = ?
                    ORDER BY promoted IS version DESC, version DESC LIMIT 1
                    """)
            var versions: [String: HeadVersion] = [:]
            for head in heads {
                versions[head.name] = try Row.fetchOne(statement, arguments: [head.name]).map(HeadVersion.init)
            }
            return versions
        }
    }

    public func headVersion(_ version: Int?, of head: String) async throws(StoreError) -> HeadVersion {
        try await read { db in
            let row = try HeadRow.required(head, db)
            guard let version = version ?? row.promoted else { throw StoreError.nothingPromoted(head: head) }
            return try HeadRow.required(version, of: head, db)
        }
    }

    public func headVersions(of head: String, before version: Int?, limit: Int)
        async throws(StoreError) -> [HeadVersion]
    {
        try await read { db in
            _ = try HeadRow.required(head, db)
            return try Row.fetchAll(
                db, sql: "\(HeadRow.selectVersion) WHERE head = ? AND version < ? ORDER BY version DESC LIMIT ?",
                arguments: [head, version ?? Int.max, max(0, limit)]
            ).map(HeadVersion.init)
        }
    }

    public func tensors(ofVersion version: Int, head: String) async throws(StoreError) -> Data {
        try await read { db in
            _ = try HeadRow.required(head, db)
            let tensors = try Data.fetchOne(
                db, sql: "SELECT tensors FROM head_version WHERE head = ? AND version = ?", arguments: [head, version])
            guard let tensors else { throw StoreError.unknownHeadVersion(version, head: head) }
            return tensors
        }
    }

    public func promote(_ version: Int, of head: String) async throws(StoreError) -> Head {
        try await write { db in
            _ = try HeadRow.required(head, db)
            _ = try HeadRow.required(version, of: head, db)
            try db.execute(sql: "UPDATE head SET promoted = ? WHERE name = ?", arguments: [version, head])
            return try HeadRow.required(head, db)
        }
    }

    public func deleteHeadVersion(_ version: Int, of head: String) async throws(StoreError) {
        try await write { db in
            _ = try HeadRow.required(head, db)
            guard try !HeadRow.required(version, of: head, db).isPromoted else {
                throw StoreError.versionPromoted(version, head: head)
            }
            try db.execute(
                sql: "DELETE FROM head_version WHERE head = ? AND version = ?", arguments: [head, version])
        }
        await reclaimSpace()
    }

    public func deleteHead(_ name: String) async throws(StoreError) {
        try await write { db in
            _ = try HeadRow.required(name, db)
            try db.execute(sql: "DELETE FROM head_version WHERE head = ?", arguments: [name])
            try db.execute(sql: "UPDATE head SET promoted = NULL WHERE name = ?", arguments: [name])
        }
        await reclaimSpace()
    }
}
