import Foundation
import Testing

@testable import Network

struct ArchitectureListTests {
    @Test func `the documentation lists the networks that there are, and no others`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "docs/models.md"), encoding: .utf8)
        let table = try #require(text.split(separator: "| family | ").last?.split(separator: "\n\n").first)
        // The first row is the header's.
        let names = table.split(separator: "\n").dropFirst().joined().split(separator: "`").enumerated()
            .filter { $0.offset % 2 == 1 }.map { String($0.element) }
        let all = Architecture.all
        #expect(Set(names) == Set(all.map(\.name) + all.compactMap(\.alias)))
    }
}
