import Foundation
import GRDB
import Service

extension SQLiteStore {
    public func addImages(_ images: [NewImage], to dataset: String) async throws(StoreError) -> [AddedImage] {
        try await write { db in try DatasetRow.required(dataset, db).add(images, db) }
    }

    public func images(of dataset: String, after id: Int64?, limit: Int) async throws(StoreError) -> [DatasetImage] {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT image.id, digest, label, filename, byte_count, added
                    FROM image JOIN content ON content.id = image.content
                    WHERE dataset = ? AND image.id > ? ORDER BY image.id LIMIT ?
                    """,
                arguments: [DatasetRow.required(dataset, db).id, id ?? 0, max(0, limit)]
            ).map(DatasetImage.init)
        }
    }

    public func image(_ id: Int64, of dataset: String) async throws(StoreError) -> DatasetImage {
        try await read { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT image.id, digest, label, filename, byte_count, added
                    FROM image JOIN content ON content.id = image.content WHERE dataset = ? AND image.id = ?
                    """,
                arguments: [DatasetRow.required(dataset, db).id, id])
            guard let row else { throw StoreError.unknownImage(id, dataset: dataset) }
            return try DatasetImage(row)
        }
    }

    public func deleteImage(_ id: Int64, of dataset: String) async throws(StoreError) {
        try await write { db in
            try db.execute(
                sql: "DELETE FROM image WHERE dataset = ? AND id = ?",
                arguments: [DatasetRow.required(dataset, db).id, id])
            guard db.changesCount == 1 else { throw StoreError.unknownImage(id, dataset: dataset) }
        }
        await reclaimSpace()
    }

    public func bytes(of image: ContentDigest) async throws(StoreError) -> [UInt8]? {
        try await read { db in
            try Data.fetchOne(
                db, sql: "SELECT bytes FROM file JOIN content ON content.id = file.content WHERE digest = ?",
                arguments: [image.data]
            ).map([UInt8].init)
        }
    }
}

extension DatasetRow {
    /// Without ORDER BY, for which SQLite would go through all images of the dataset: 10,000 took six seconds to add.
    static let sameContent = "SELECT id, label FROM image WHERE content = ? AND dataset = ?"

    /// Adds the images, and says what became of each.
    func add(_ images: [NewImage], _ db: Database) throws -> [AddedImage] {
        let time = Date.now.milliseconds
        return try images.map { image in
            let content = try Self.content(of: image, db)
            let same = try Row.fetchAll(db.cachedStatement(sql: Self.sameContent), arguments: [content, id])
                .map { ConflictingImage(id: $0["id"], label: $0["label"]) }
                .sorted { $0.id < $1.id }
            let duplicate = same.first { $0.label == image.label }
            if duplicate == nil || retention == .images {
                try db.cachedStatement(sql: "INSERT INTO file (content, bytes) VALUES (?, ?) ON CONFLICT DO NOTHING")
                    .execute(arguments: [content, Data(image.bytes).checkingSize()])
            }
            if let duplicate { return .duplicate(of: duplicate.id) }
            try db.cachedStatement(
                sql: "INSERT INTO image (dataset, content, label, filename, added) VALUES (?, ?, ?, ?, ?)"
            ).execute(arguments: [id, content, image.label, image.filename, time])
            let added = db.lastInsertedRowID
            return same.isEmpty ? .added(id: added) : .conflicting(id: added, with: same)
        }
    }

    /// The row that stands for the image's bytes.
    private static func content(of image: NewImage, _ db: Database) throws -> Int64? {
        try db.cachedStatement(sql: "INSERT INTO content (digest, byte_count) VALUES (?, ?) ON CONFLICT DO NOTHING")
            .execute(arguments: [image.digest.data, image.bytes.count])
        return try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT id FROM content WHERE digest = ?"), arguments: [image.digest.data])
    }
}

extension DatasetImage {
    fileprivate init(_ row: Row) throws {
        self.init(
            id: row["id"], digest: try row.digest("digest"), label: row["label"], filename: row["filename"],
            byteCount: row["byte_count"], added: row.date("added"))
    }
}
