import Dispatch
import Testing

@testable import Inference

/// What becomes of a folder that changes by and by.
@Suite(.timeLimit(.minutes(10)))
struct WatchingTests {
    private let folder = ModelsFolder()

    @Test func `the folder is watched`() async throws {
        try folder.add("cats/1")
        let repository = try folder.repository()
        repository.watch(every: .milliseconds(20))
        try folder.add("cats/2")
        await until { repository.states() == ["1 unloaded", "2 ready latest"] }
        try folder.remove("cats/2")
        await until { repository.states() == ["1 ready latest"] }
    }

    @Test func `a repository that nobody needs is no longer watched`() async throws {
        try folder.add("cats")
        weak var repository: ModelRepository?
        do {
            let watched = try folder.repository()
            watched.watch(every: .milliseconds(20))
            repository = watched
        }
        await until { repository == nil }
    }

    @Test func `two looks at the folder lie an interval apart also after a long load`() async throws {
        try folder.add("cats/1")
        let repository = try folder.repository()
        let (interval, isHeld) = (Duration.milliseconds(200), DispatchSemaphore(value: 0))
        repository.background.perform { isHeld.wait() }
        repository.watch(every: interval)
        try await Task.sleep(for: interval * 5)
        try folder.add("cats/2", without: "config.json")
        try folder.write("{}", to: "cats/2/config.json")
        let release = ContinuousClock.now
        isHeld.signal()
        await until { repository.models[0].versions.last?.failure != nil }
        #expect(.now - release >= interval)
    }

    @Test func `a version that is being replaced is served until its new files stay as they are`() async throws {
        for version in ["1", "2"] { try folder.add("cats/\(version)") }
        let repository = try folder.repository()
        let old = try await repository.model()
        try folder.remove("cats/2")
        repository.rescan()
        #expect(try await repository.model() === old)
        try folder.add("cats/2")
        try folder.write("changed", to: "cats/2/notes.txt")
        repository.rescan()
        #expect(try await repository.model() === old)
        repository.rescan()
        #expect(repository.states() == ["1 unloaded", "2 ready latest"])
        #expect(try await repository.model() !== old)
    }

    @Test func `versions and models are gone when two scans have missed them`() throws {
        for path in ["cats/1", "cats/2", "dogs"] { try folder.add(path) }
        let repository = try folder.repository()
        try folder.remove("cats/2")
        try folder.remove("dogs")
        repository.rescan()
        #expect(repository.states() == ["1 unloaded", "2 ready latest"] && repository.models.count == 2)
        repository.rescan()
        #expect(repository.states() == ["1 ready latest"] && repository.models.count == 1)
    }

    @Test func `the first model that answers takes the place of a default whose folder is gone`() async throws {
        try folder.add("cats")
        for name in ["ants", "bees", "dogs"] { try folder.add(name, without: name == "ants" ? "labels.txt" : nil) }
        let repository = try folder.repository()
        #expect(try await repository.model().name == "bees")
        try folder.remove("bees")
        repository.rescan(isImmediate: true)
        #expect(try await repository.model().name == "cats" && repository.isReady)
        try folder.add("bees")
        repository.rescan(isImmediate: true)
        #expect(try await repository.model().name == "cats", "the default does not change without need")
    }

    @Test func `a model that comes when all others are gone is the default`() async throws {
        try folder.add("dogs")
        let repository = try folder.repository()
        try folder.remove("dogs")
        repository.rescan(isImmediate: true)
        #expect(!repository.isReady)
        try folder.add("cats")
        repository.rescan(isImmediate: true)
        #expect(try await repository.model().name == "cats" && repository.isReady)
    }

    @Test func `a default that was named is no other's`() async throws {
        for name in ["cats", "dogs"] { try folder.add(name) }
        let repository = try folder.repository(defaultModel: "dogs")
        try folder.remove("dogs")
        repository.rescan(isImmediate: true)
        await #expect(throws: InferenceError.self) { try await repository.model() }
        try folder.add("dogs")
        repository.rescan(isImmediate: true)
        #expect(try await repository.model().name == "dogs")
    }

    @Test func `a reload looks at the folder and tries again what failed`() async throws {
        try folder.add("cats/1")
        let isShortOfMemory = Locked(true)
        struct OutOfMemory: Error {}
        let repository = try folder.repository { model in
            if model.version == "2", isShortOfMemory.withLock({ $0 }) { throw OutOfMemory() }
        }
        try folder.add("cats/2")
        await repository.reload()
        #expect(repository.states() == ["1 ready latest", "2 failed"])
        for _ in 0..<2 { repository.rescan() }
        #expect(repository.states() == ["1 ready latest", "2 failed"], "its files are as they were")
        isShortOfMemory.withLock { $0 = false }
        await repository.reload()
        #expect(repository.states() == ["1 unloaded", "2 ready latest"])
    }

    @Test(arguments: ["unload", "remove the version", "remove the model", "replace"])
    func `the memory of a model goes back to the system when nobody needs it`(_ change: String) async throws {
        for path in ["cats/1", "cats/2", "dogs"] { try folder.add(path) }
        let returns = Locked(0)
        let repository = try folder.repository(returnMemory: { returns.withLock { $0 += 1 } })
        var model: LoadedModel? = try await repository.model()
        switch change {
        case "unload": try repository.unload("cats")
        case "remove the version": try folder.remove("cats/2")
        case "remove the model": try folder.remove("cats")
        default: try folder.add("cats/3")
        }
        repository.rescan(isImmediate: true)
        try await Task.sleep(for: .seconds(1.5))
        #expect(returns.withLock { $0 } == 0 && model != nil, "a request still has it")
        model = nil
        await until { returns.withLock { $0 } == 1 }
    }
}
