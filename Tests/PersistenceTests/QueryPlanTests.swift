import GRDB
import Testing

@testable import Persistence

/// What SQLite does for the queries that run once for each image.
@Suite struct QueryPlanTests {
    @Test func `images of the same bytes are found without going through their dataset`() async throws {
        let store = try await SQLiteStore.inMemory()
        let plan = try await store.read { db in
            try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN \(DatasetRow.sameContent)", arguments: [1, 1])
                .map { $0["detail"] as String }
        }
        #expect(plan.count == 1 && plan[0].hasPrefix("SEARCH image") && plan[0].contains("(content=?"), "\(plan)")
    }
}
