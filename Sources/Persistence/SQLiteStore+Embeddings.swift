import Foundation
import GRDB
import Service

extension SQLiteStore {
    public func embeddings(of images: [ContentDigest], in space: EmbeddingSpace, variant: String)
        async throws(StoreError) -> [ContentDigest: [Float]]
    {
        try await read { db in
            var vectors: [ContentDigest: [Float]] = [:]
            guard let space = try space.id(db) else { return vectors }
            let statement = try db.cachedStatement(
                sql: """
                    SELECT vector FROM embedding JOIN content ON content.id = embedding.content
                    WHERE digest = ? AND space = ? AND variant = ?
                    """)
            for image in images {
                let vector = try Data.fetchOne(statement, arguments: [image.data, space, variant])
                vectors[image] = try vector.map([Float].init(littleEndian:))
            }
            return vectors
        }
    }

    public func saveEmbeddings(_ embeddings: [StoredEmbedding], in space: EmbeddingSpace) async throws(StoreError) {
        try await write { db in
            try db.execute(
                sql: """
                    INSERT INTO embedding_space (model, preprocessing, layer) VALUES (?, ?, ?) ON CONFLICT DO NOTHING
                    """,
                arguments: [space.model.data, space.preprocessing.data, space.layer])
            let space = try space.id(db)
            let statement = try db.cachedStatement(
                sql: """
                    INSERT INTO embedding (content, space, variant, vector)
                    SELECT id, ?, ?, ? FROM content WHERE digest = ?
                    ON CONFLICT (content, space, variant) DO UPDATE SET vector = excluded.vector
                    """)
            for embedding in embeddings {
                let vector = try embedding.vector.littleEndian.checkingSize()
                try statement.execute(arguments: [space, embedding.variant, vector, embedding.image.data])
            }
        }
    }

    public func deleteUnretainedFiles(of images: [ContentDigest]) async throws(StoreError) {
        try await write { db in
            let statement = try db.cachedStatement(
                sql: """
                    DELETE FROM file WHERE content = (SELECT id FROM content WHERE digest = ?)
                        AND NOT EXISTS (
                            SELECT 1 FROM image JOIN dataset ON dataset.id = image.dataset
                            WHERE image.content = file.content AND dataset.retention = 'images')
                    """)
            for image in images { try statement.execute(arguments: [image.data]) }
        }
    }
}

extension EmbeddingSpace {
    fileprivate func id(_ db: Database) throws -> Int64? {
        try Int64.fetchOne(
            db, sql: "SELECT id FROM embedding_space WHERE model = ? AND preprocessing = ? AND layer = ?",
            arguments: [model.data, preprocessing.data, layer])
    }
}

extension [Float] {
    /// Their float32 bit patterns (IEEE 754), least significant byte first.
    fileprivate var littleEndian: Data { map(\.bitPattern.littleEndian).withUnsafeBytes { Data($0) } }

    fileprivate init(littleEndian bytes: Data) throws {
        guard bytes.count.isMultiple(of: 4) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "an embedding of \(bytes.count) bytes")
        }
        self = bytes.withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map {
                Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self)))
            }
        }
    }
}
