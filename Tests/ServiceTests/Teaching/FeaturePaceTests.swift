import Testing

@testable import Service

@Suite(.timeLimit(.minutes(1)))
struct FeaturePaceTests {
    private let networks = FakeNetworks()
    private let images = (0..<70).map { ViewedImage(bytes: Array("\($0) 0 0 0".utf8), view: .whole) }

    /// The sizes of the groups in which the images went.
    private func groups(_ pace: FeaturePace) async throws -> [Int] {
        let before = networks.record.groups.withLock(\.count)
        let features = try await pace.features(of: images, by: networks.network(named: nil))
        #expect(try features.map { try $0.get()[0] } == (0..<70).map(Float.init))
        return networks.record.groups.withLock { $0[before...].map(\.count) }
    }

    @Test func `batches go to the queue only once nobody else has sent images for a second`() async throws {
        let pace = FeaturePace(networks: networks, givesWay: true)
        #expect(try await groups(pace) == Array(repeating: 8, count: 8) + [6])
        #expect(networks.admittedImages == 0)
        try await Task.sleep(for: .milliseconds(1100))
        #expect(try await groups(pace) == [64, 6])
        #expect(networks.admittedImages == 70, "its own are no one else's")
        networks.record.admitted.withLock { $0 += 1 }
        #expect(try await groups(pace).max() == 8)
    }

    @Test func `one that gives no way uses the queue at once`() async throws {
        #expect(try await groups(FeaturePace(networks: networks, givesWay: false)) == [64, 6])
    }
}
