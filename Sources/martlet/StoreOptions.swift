import ArgumentParser
import Foundation
import Persistence
import Service

/// Where datasets, jobs and heads are kept.
struct StoreOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The file of datasets, jobs and heads; $MARTLET_STORE where it is set. One process has it open at a time.",
            valueName: "file"))
    var store = "var/martlet.db"

    func validate() throws {
        guard !store.isEmpty else { throw ValidationError("--store must name a file, found ''") }
    }

    /// Opens the store, which is made where it is missing.
    func open() async throws(StoreError) -> SQLiteStore { try await SQLiteStore.open(store) }

    /// Opens the store for a command that works without a server, and closes it behind.
    ///
    /// - Parameters:
    ///   - creates: whether one that is missing is made.
    ///   - request: the command line that asks a server for the same, to be named where one has the store open.
    func open<Value>(
        creates: Bool = false, orAsk request: @autoclosure () -> String, _ body: (SQLiteStore) async throws -> Value
    ) async throws -> Value {
        guard creates || FileManager.default.fileExists(atPath: store) else { throw MissingStore(path: store) }
        let opened: SQLiteStore
        do throws(StoreError) { opened = try await open() } catch {
            guard case .inUse = error else { throw error }
            throw StoreInUse(error: error, request: request())
        }
        let result: Value
        do { result = try await body(opened) } catch {
            try? await opened.close()
            throw error
        }
        try await opened.close()
        return result
    }

    /// How a command that is printed names the store; nothing where it finds it by itself.
    var argument: String {
        let usual = ProcessInfo.processInfo.environment["MARTLET_STORE"] ?? "var/martlet.db"
        return store == usual ? "" : " --store \(store.quotedForShell)"
    }
}

private struct MissingStore: Error, CustomStringConvertible {
    let path: String

    var description: String {
        "there is no store '\(path)': 'martlet teach' makes one; --store or $MARTLET_STORE says where another lies"
    }
}

private struct StoreInUse: Error, CustomStringConvertible {
    let error: StoreError
    let request: String

    var description: String { "\(error):\n  \(request)" }
}
