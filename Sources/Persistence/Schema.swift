import Foundation
import GRDB
import Service

/// The tables, and the rules that hold between them whatever is written. Times are milliseconds since 1970.
enum Schema {
    /// A migration that was released never changes; the schema changes by another one after it.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 datasets, jobs and heads") { db in
            try db.execute(sql: datasets)
            try db.execute(sql: embeddings)
            try db.execute(sql: jobs)
            try db.execute(sql: heads)
        }
        migrator.registerMigration("2 interrupted jobs, accuracy of heads") { db in
            try db.execute(sql: interruptedJobs)
            try addAccuracy(db)
        }
        return migrator
    }

    private static let datasets = """
        CREATE TABLE dataset (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            retention TEXT NOT NULL,
            created INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE content (
            id INTEGER PRIMARY KEY,
            digest BLOB NOT NULL UNIQUE,
            byte_count INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE file (
            content INTEGER PRIMARY KEY REFERENCES content ON DELETE CASCADE,
            bytes BLOB NOT NULL
        ) STRICT;
        CREATE TABLE image (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            dataset INTEGER NOT NULL REFERENCES dataset ON DELETE CASCADE,
            content INTEGER NOT NULL REFERENCES content,
            label TEXT NOT NULL,
            filename TEXT,
            added INTEGER NOT NULL,
            UNIQUE (content, dataset, label)
        ) STRICT;
        CREATE INDEX image_by_dataset ON image (dataset);
        CREATE INDEX image_by_label ON image (dataset, label);
        """

    /// The triggers keep two promises: content goes with its last image; a file is there as long as a dataset retains it
    /// or it has no embedding yet.
    private static let embeddings = """
        CREATE TABLE embedding_space (
            id INTEGER PRIMARY KEY,
            model BLOB NOT NULL,
            preprocessing BLOB NOT NULL,
            layer TEXT NOT NULL,
            UNIQUE (model, preprocessing, layer)
        ) STRICT;
        CREATE TABLE embedding (
            id INTEGER PRIMARY KEY,
            content INTEGER NOT NULL REFERENCES content ON DELETE CASCADE,
            space INTEGER NOT NULL REFERENCES embedding_space,
            variant TEXT NOT NULL,
            vector BLOB NOT NULL,
            UNIQUE (content, space, variant)
        ) STRICT;

        CREATE TRIGGER image_deleted AFTER DELETE ON image BEGIN
            DELETE FROM content WHERE id = OLD.content AND id NOT IN (SELECT content FROM image WHERE content = OLD.content);
            \(deleteFiles(of: "SELECT OLD.content"))
        END;
        CREATE TRIGGER image_added AFTER INSERT ON image BEGIN
            \(deleteFiles(of: "SELECT NEW.content"))
        END;
        CREATE TRIGGER embedding_added AFTER INSERT ON embedding BEGIN
            \(deleteFiles(of: "SELECT NEW.content"))
        END;
        CREATE TRIGGER retention_changed AFTER UPDATE OF retention ON dataset BEGIN
            \(deleteFiles(of: "SELECT content FROM image WHERE dataset = NEW.id"))
        END;
        """

    private static func deleteFiles(of contents: String) -> String {
        """
        DELETE FROM file WHERE content IN (\(contents))
            AND EXISTS (SELECT 1 FROM embedding WHERE embedding.content = file.content)
            AND NOT EXISTS (
                SELECT 1 FROM image JOIN dataset ON dataset.id = image.dataset
                WHERE image.content = file.content AND dataset.retention = 'images');
        """
    }

    private static let jobs = """
        CREATE TABLE job (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            head TEXT NOT NULL,
            dataset TEXT NOT NULL,
            model TEXT NOT NULL,
            request BLOB NOT NULL,
            state TEXT NOT NULL,
            stage TEXT NOT NULL DEFAULT '',
            progress REAL NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 1),
            metrics BLOB,
            warnings BLOB NOT NULL DEFAULT X'5B5D',
            error TEXT,
            head_version INTEGER,
            created INTEGER NOT NULL,
            started INTEGER,
            ended INTEGER,
            idempotency_key TEXT UNIQUE,
            request_digest BLOB,
            last_event INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE UNIQUE INDEX unfinished_job ON job (head) WHERE state IN ('queued', 'running');
        CREATE TABLE job_event (
            job INTEGER NOT NULL REFERENCES job ON DELETE CASCADE,
            sequence INTEGER NOT NULL,
            name TEXT NOT NULL,
            data BLOB NOT NULL,
            time INTEGER NOT NULL,
            PRIMARY KEY (job, sequence)
        ) STRICT, WITHOUT ROWID;
        """

    /// The index has all that says which jobs are forgotten; in the table it lies behind the metrics.
    private static let interruptedJobs = """
        ALTER TABLE job ADD COLUMN interruptions INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX ended_job ON job (number, head, head_version) WHERE ended IS NOT NULL;
        """

    private static func addAccuracy(_ db: Database) throws {
        try db.execute(sql: "ALTER TABLE head_version ADD COLUMN accuracy REAL")
        let rows = try Row.fetchAll(db, sql: "SELECT rowid, metrics FROM head_version WHERE metrics IS NOT NULL")
        for row in rows {
            try db.execute(
                sql: "UPDATE head_version SET accuracy = ? WHERE rowid = ?",
                arguments: [FineTuneMetrics(row["metrics"])?.validation.accuracy, row["rowid"] as Int64])
        }
    }

    /// A head's row outlives its versions, so that their numbers are not used again.
    private static let heads = """
        CREATE TABLE head (
            name TEXT PRIMARY KEY,
            last_version INTEGER NOT NULL,
            promoted INTEGER
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE head_version (
            head TEXT NOT NULL REFERENCES head,
            version INTEGER NOT NULL,
            kind TEXT NOT NULL,
            labels BLOB NOT NULL,
            provenance BLOB NOT NULL,
            metrics BLOB,
            created INTEGER NOT NULL,
            tensors BLOB NOT NULL,
            PRIMARY KEY (head, version)
        ) STRICT;
        """
}
