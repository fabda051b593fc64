import Compute
import Foundation
import Testing

@testable import Inference

/// A folder of models that changes while they are served.
@Suite(.timeLimit(.minutes(10)))
struct RepositoryChangesTests {
    private let folder = ModelsFolder()

    @Test func theHighestVersionAnswersAndOthersAreLoadedWhenTheyAreAskedFor() async throws {
        for version in ["1", "2", "10"] { try folder.add("cats/\(version)") }
        let repository = try folder.repository()
        #expect(repository.states() == ["1 unloaded", "2 unloaded", "10 ready latest"])
        #expect(try await repository.model().version == "10")
        #expect(try await repository.model(named: "cats", version: "latest").version == "10")
        #expect(try await repository.model(named: "cats", version: "2").version == "2")
        #expect(repository.states() == ["1 unloaded", "2 ready", "10 ready latest"])
        await #expect { _ = try await repository.model(named: "cats", version: "3") } throws: {
            "\($0)".contains("no version '3'; available: 1, 2, 10")
        }
    }

    @Test func aNewVersionTakesOverOnceItsFilesStayAsTheyAre() async throws {
        try folder.add("cats/1")
        let repository = try folder.repository()
        let old = try await repository.model()
        try folder.add("cats/2")
        repository.rescan()
        #expect(try await repository.model().version == "1", "its files may still be being copied")
        repository.rescan()
        #expect(try await repository.model() !== old)
        #expect(repository.states() == ["1 unloaded", "2 ready latest"])
    }

    @Test(arguments: ["model.safetensors", "labels.txt", "golden.json", "config.json"])
    func aBrokenNewVersionNeverReplacesAGoodOne(_ missing: String) async throws {
        try folder.add("cats/1")
        let repository = try folder.repository()
        let good = try await repository.model()
        try folder.add("cats/2", without: missing)
        repository.rescan(isImmediate: true)
        #expect(try await repository.model() === good)
        #expect(repository.states() == ["1 ready latest", "2 failed"])
        let reason = try #require(repository.models[0].versions[1].failure)
        #expect(reason.contains(missing), "\(reason)")
        await #expect(throws: InferenceError.self) { try await repository.model(named: "cats", version: "2") }
        // Made whole, it is loaded, once.
        try folder.link("cats/2/\(missing)")
        repository.rescan(isImmediate: true)
        let whole = try await repository.model()
        #expect(whole.version == "2")
        for _ in 0..<3 { repository.rescan() }
        #expect(try await repository.model() === whole)
    }

    @Test func aVersionThatAppearsBetweenTwoImmediateScansIsLoadedOnce() async throws {
        try folder.add("cats/1")
        let repository = try folder.repository()
        try folder.add("cats/2")
        try await repository.load("cats")
        let loaded = try await repository.model()
        #expect(loaded.version == "2")
        for _ in 0..<3 { repository.rescan() }
        #expect(try await repository.model() === loaded)
    }

    @Test func aVersionThatIsTakenAwayGivesWayToTheOneBefore() async throws {
        for version in ["1", "2"] { try folder.add("cats/\(version)") }
        let repository = try folder.repository()
        try folder.remove("cats/2")
        repository.rescan(isImmediate: true)
        #expect(repository.states() == ["1 ready latest"])
        #expect(try await repository.model().version == "1")
    }

    @Test func filesReplacedInPlaceAreLoadedAgainAndBrokenOnesLeaveWhatWas() async throws {
        try folder.add("cats")
        let repository = try folder.repository()
        let first = try await repository.model()
        let config = folder.url.appending(path: "cats/config.json")
        let text = try String(contentsOf: ModelsFolder.model.appending(path: "config.json"), encoding: .utf8)
        try FileManager.default.removeItem(at: config)
        try text.replacing("crop_fraction", with: "crop").write(to: config, atomically: true, encoding: .utf8)
        repository.rescan(isImmediate: true)
        #expect(try await repository.model() === first)
        #expect(repository.models[0].versions[0].failure?.contains("crop_fraction") == true)
        try text.write(to: config, atomically: true, encoding: .utf8)
        repository.rescan(isImmediate: true)
        #expect(try await repository.model() !== first)
        #expect(repository.models[0].versions[0].failure == nil)
    }

    @Test func aLoadByHandSaysWhyTheHighestVersionIsNotTheOneThatAnswers() async throws {
        try folder.add("cats/1")
        let repository = try folder.repository()
        let good = try await repository.model()
        try folder.add("cats/2", without: "labels.txt")
        await #expect {
            try await repository.load("cats")
        } throws: { "\($0)".contains("labels.txt") }
        #expect(try await repository.model() === good)
    }

    @Test func anUnloadedModelAnswersAgainWhenItIsLoadedByHand() async throws {
        try folder.add("cats")
        let repository = try folder.repository()
        try repository.unload("cats")
        #expect(!repository.isReady)
        await #expect { _ = try await repository.model() } throws: { "\($0)".contains("is unloaded") }
        repository.rescan(isImmediate: true)
        await #expect(throws: InferenceError.self) { try await repository.model() }
        try await repository.load("cats")
        #expect(try await repository.model().name == "cats" && repository.isReady)
        await #expect { try await repository.load("dogs") } throws: { "\($0)".contains("available: cats") }
        #expect(throws: InferenceError.self) { try repository.unload("dogs") }
    }

    @Test func theModelNotAskedForTheLongestMakesRoomAndComesBackWhenAskedFor() async throws {
        for name in ["a", "b", "c"] { try folder.add(name) }
        let bytes = try LoadedModel(path: ModelsFolder.model.path, kernels: KernelTable.selected).plan.bytes
        let repository = try folder.repository(budget: 2 * bytes)
        func loaded() -> [String] { repository.models.filter { $0.versions[0].state == .ready }.map(\.name) }
        #expect(loaded() == ["b", "c"])
        #expect(try await repository.model(named: "b").name == "b")
        #expect(try await repository.model(named: "a").name == "a")
        #expect(loaded() == ["a", "b"])
    }

    @Test func aFolderThatCannotBeReadForAMomentChangesNothing() async throws {
        try folder.add("cats")
        let repository = try folder.repository()
        let model = try await repository.model()
        try FileManager.default.removeItem(at: folder.url)
        for _ in 0..<3 { repository.rescan() }
        #expect(try await repository.model() === model)
    }
}
