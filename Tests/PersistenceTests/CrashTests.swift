import Foundation
import Service
import Testing

@testable import Persistence

/// A process that works on a store is killed at random moments.
@Suite struct CrashTests {
    /// `make test-crash` asks for more.
    static let kills = ProcessInfo.processInfo.environment["MARTLET_CRASH_KILLS"].flatMap { Int($0) } ?? 6

    @Test func `a killed process loses nothing that was acknowledged and leaves nothing half-made`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "martlet.db").path
            var promises = Promises()
            for _ in 0..<Self.kills {
                let lines = try await Self.linesOfKilledWriter(path, after: .milliseconds(Int.random(in: 0...700)))
                lines.forEach { promises.note($0) }
                let store = try await SQLiteStore.open(path)
                #expect(try await store.faults() == [])
                try await promises.check(in: store)
                try await store.close()
            }
            #expect(promises.count > 0)
        }
    }

    @Test func `another process is told which one has the store`() async throws {
        try await withTemporaryFolder { folder in
            let store = try await SQLiteStore.open(folder.appending(path: "martlet.db").path)
            let errors = Pipe()
            let (process, _) = try Self.startWriter(store.path, errors: errors)
            let message = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            #expect(message.contains("in use by process \(getpid());"), "\(message)")
        }
    }

    /// What the writer said before it was killed, its half last line left out.
    private static func linesOfKilledWriter(_ path: String, after delay: Duration) async throws -> [String] {
        let (process, output) = try startWriter(path, errors: nil)
        let killer = Task {
            try await Task.sleep(for: .milliseconds(50) + delay)
            kill(process.processIdentifier, SIGKILL)
        }
        defer { killer.cancel() }
        let text: String = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                let data = output.fileHandleForReading.readDataToEndOfFile()
                process.waitUntilExit()
                continuation.resume(returning: String(decoding: data, as: UTF8.self))
            }
        }
        #expect(process.terminationReason == .uncaughtSignal && process.terminationStatus == SIGKILL)
        return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    }

    private static func startWriter(_ path: String, errors: Pipe?) throws -> (Process, Pipe) {
        let tests = URL(filePath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        let (process, output) = (Process(), Pipe())
        process.executableURL = tests.deletingLastPathComponent().appending(path: "store-writer")
        process.arguments = [path]
        process.standardOutput = output
        if let errors { process.standardError = errors }
        try process.run()
        return (process, output)
    }
}

/// What the store has acknowledged over all runs, and so must have.
private struct Promises {
    private var jobs: Set<String> = []
    private var events: [String: Int] = [:]
    private var heads: [String: Int] = [:]
    /// Digests by dataset.
    private var images: [String: Set<String>] = [:]
    private var embeddings: [String: Set<String>] = [:]
    /// Datasets whose deletion may or may not have happened.
    private var deleting: Set<String> = []

    var count: Int { jobs.count }

    mutating func note(_ line: String) {
        let words = line.split(separator: " ").map(String.init)
        guard words.count == 3 else { return }
        switch words[0] {
        case "job": jobs.insert(words[1])
        case "image": images[words[2], default: []].insert(words[1])
        case "embedding": embeddings[words[2], default: []].insert(words[1])
        case "event": events[words[1]] = Int(words[2])
        case "head": heads[words[1]] = Int(words[2])
        case "deleting": deleting.insert(words[1])
        case "deleted":
            images[words[1]] = nil
            embeddings[words[1]] = nil
            deleting.remove(words[1])
        default: break
        }
    }

    mutating func check(in store: SQLiteStore) async throws {
        for dataset in deleting where try await !store.has(dataset) { note("deleted \(dataset) 0") }
        deleting = []
        try await checkImages(in: store)
        for id in jobs {
            let job = try await store.job(id)
            let version = job.headVersion
            #expect((job.state == .succeeded) == (version != nil))
            if let version { #expect(try await store.headVersion(version, of: job.head).provenance.job == id) }
            if let acknowledged = heads[id] { #expect(version == acknowledged) }
            let last = try await store.events(of: id, after: 0).last?.sequence ?? 0
            #expect(last >= events[id] ?? 0)
        }
        let made = try await store.jobs(before: nil, limit: .max).filter { $0.state == .succeeded }.count
        #expect(try await store.heads(after: nil, limit: 9).first?.versionCount ?? 0 == made)
        #expect(try await store.unfinishedJobs().count <= 1)
    }

    private func checkImages(in store: SQLiteStore) async throws {
        for dataset in try await store.datasets(after: nil, limit: 99) {
            let found = try await store.images(of: dataset.name, after: nil, limit: .max)
            let digests = Set(found.map(\.digest.description))
            #expect(images[dataset.name, default: []].isSubset(of: digests))
            for (upload, images) in Dictionary(grouping: found, by: \.filename) {
                #expect(upload?.hasSuffix("/\(images.count)") == true, "an upload is there in part")
            }
            let space = try writerSpace()
            let embedded = try await store.embeddings(of: found.map(\.digest), in: space, variant: "")
            #expect(embeddings[dataset.name, default: []].isSubset(of: Set(embedded.keys.map(\.description))))
            for image in found where embedded[image.digest] == nil || dataset.retention == .images {
                #expect(try await store.bytes(of: image.digest)?.count == image.byteCount)
            }
        }
        let there = Set(try await store.datasets(after: nil, limit: 99).map(\.name))
        #expect(Set(images.keys).isSubset(of: there))
    }

    private func writerSpace() throws -> EmbeddingSpace {
        guard let model = ContentDigest(of: [1]), let preprocessing = ContentDigest(of: [2]) else {
            throw StoreError.failed("no digest")
        }
        return EmbeddingSpace(model: model, preprocessing: preprocessing, layer: "pool")
    }
}

extension SQLiteStore {
    fileprivate func has(_ dataset: String) async throws -> Bool {
        do {
            _ = try await self.dataset(dataset)
            return true
        } catch StoreError.unknownDataset {
            return false
        }
    }
}
