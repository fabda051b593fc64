import Foundation
import Persistence
import Testing

@testable import Service

@Suite(.timeLimit(.minutes(2)))
struct FineTuneJobsTests {
    private func options(_ head: String = "bikes", _ change: (inout FineTuneOptions) -> Void = { _ in })
        -> FineTuneOptions
    {
        var options = FineTuneOptions()
        options.head = head
        change(&options)
        return options
    }

    private func teaching(_ networks: FakeNetworks = FakeNetworks(), store: SQLiteStore? = nil) async throws -> Teaching
    {
        let store = if let store { store } else { try await SQLiteStore.inMemory() }
        return Teaching(store: store, networks: networks)
    }

    private func ended(_ teaching: Teaching, _ job: Job) async throws -> Job {
        let job = try await teaching.jobs.job(job.id, endingWithin: .seconds(60))
        #expect(job.state.isFinal, "\(job.state) \(job.stage)")
        return job
    }

    @Test func `a job makes a head that tells its classes apart`() async throws {
        let teaching = try await teaching()
        let creation = try await teaching.jobs.submit(options(), images: roadsAndMountains())
        let job = try await ended(teaching, creation.job)
        #expect(job.state == .succeeded && job.headVersion == 1 && job.progress == 1, "\(job)")
        let head = try await teaching.heads.servedHead("bikes")
        #expect(head.labels == ["mountain", "road"])
        let answers = try head.answers(for: [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 900, 900]])
        #expect(answers[0].probabilities[1] > 0.8 && answers[1].probabilities[0] > 0.8)
        #expect(answers[0].novelty?.isKnown == true && answers[2].novelty?.isKnown == false, "\(answers)")
        #expect(head.provenance.dataset == "bikes" && head.provenance.job == job.id)
        let images = try await teaching.store.images(of: "bikes", after: nil, limit: .max)
        #expect(head.provenance.datasetDigest == ContentDigest(ofDataset: images))
    }

    @Test func `the metrics say how good it is, by the names of the interface`() async throws {
        let teaching = try await teaching()
        let job = try await ended(
            teaching, try await teaching.jobs.submit(options(), images: roadsAndMountains(40)).job)
        let metrics = try #require(job.metrics)
        let json = try #require(try JSONSerialization.jsonObject(with: metrics) as? [String: Any])
        let validation = try #require(json["validation"] as? [String: Any])
        #expect(validation["accuracy"] as? Double == 1)
        let perClass = try #require(validation["per_class"] as? [String: [String: Any]])
        #expect(perClass["road"]?["recall"] as? Double == 1)
        #expect((validation["confusion"] as? [[Int]])?.count == 2)
        for name in ["log_loss", "ece", "balanced_accuracy"] { #expect(validation[name] is Double, "\(name)") }
        #expect(json["loss"] is [Double] && json["labels"] as? [String] == ["mountain", "road"])
    }

    @Test func `features are computed once, also for another head`() async throws {
        let networks = FakeNetworks()
        let teaching = try await teaching(networks)
        _ = try await ended(teaching, teaching.jobs.submit(options(), images: roadsAndMountains()).job)
        #expect(networks.record.images.count == 20)
        let again = try await ended(
            teaching, teaching.jobs.submit(options("others") { $0.dataset = "bikes" }).job)
        #expect(again.state == .succeeded && networks.record.images.count == 20)
    }

    @Test func `augmentation learns from the other views too`() async throws {
        let networks = FakeNetworks()
        let teaching = try await teaching(networks)
        let job = try await ended(
            teaching, teaching.jobs.submit(options { $0.augmentation = .flip }, images: roadsAndMountains()).job)
        #expect(job.state == .succeeded && networks.record.images.count == 40)
    }

    @Test func `a perceptron and gradient descent are trained too`() async throws {
        for change: (inout FineTuneOptions) -> Void in [
            { ($0.type, $0.hiddenUnits, $0.epochs) = (.mlp, 8, 50) },
            { ($0.solver, $0.iterations) = (.gradientDescent, 200) },
        ] {
            let teaching = try await teaching()
            let job = try await ended(
                teaching, teaching.jobs.submit(options("h", change), images: roadsAndMountains()).job)
            #expect(job.state == .succeeded, "\(job.error ?? "")")
            let head = try await teaching.heads.servedHead("h")
            let answer = try head.answers(for: [[1, 0, 0, 0]])[0]
            #expect(answer.probabilities[1] > 0.5)
        }
    }

    @Test func `the same seed makes the same head`() async throws {
        var files: [Data] = []
        for _ in 0..<2 {
            let teaching = try await teaching()
            _ = try await ended(
                teaching, teaching.jobs.submit(options { $0.type = .mlp }, images: roadsAndMountains()).job)
            let head = try await teaching.heads.servedHead("bikes")
            files.append(
                try HeadFile(
                    classifier: head.classifier, novelty: head.novelty,
                    provenance: HeadProvenance(model: "net", space: head.provenance.space), metrics: nil
                ).serialized())
        }
        #expect(files[0] == files[1])
    }

    @Test func `one class, or one image of a class, is refused and nothing is stored`() async throws {
        let teaching = try await teaching()
        await #expect {
            try await teaching.jobs.submit(options(), images: cluster("road", [1, 0, 0, 0], count: 5))
        } throws: {
            "\($0)".contains("at least 2 labels") && "\($0)".contains("road")
        }
        let one = try cluster("road", [1, 0, 0, 0], count: 5) + cluster("mountain", [0, 1, 0, 0], count: 1)
        await #expect { try await teaching.jobs.submit(options(), images: one) } throws: {
            "\($0)".contains("'mountain' has 1 image")
        }
        #expect(try await teaching.store.datasets(after: nil, limit: 9).isEmpty)
        #expect(try await teaching.store.jobs(before: nil, limit: 9).isEmpty)
    }

    @Test func `missing and unknown things are named`() async throws {
        let teaching = try await teaching()
        await #expect { try await teaching.jobs.submit(FineTuneOptions(), images: roadsAndMountains()) } throws: {
            "\($0)".contains("'head'")
        }
        await #expect {
            try await teaching.jobs.submit(options { $0.model = "vgg" }, images: roadsAndMountains())
        } throws: { "\($0)".contains("vgg") && "\($0)".contains("net") }
        await #expect { try await teaching.jobs.submit(options { $0.dataset = "gone" }) } throws: {
            "\($0)".contains("'gone'")
        }
        await #expect { try await teaching.jobs.submit(options("../x"), images: roadsAndMountains()) } throws: {
            "\($0)".contains("../x")
        }
    }

    @Test func `a file under two labels is left out, and both images are named`() async throws {
        let teaching = try await teaching()
        let roads = try roadsAndMountains()
        let wrong = try NewImage(bytes: roads[0].bytes, label: "mountain")
        let creation = try await teaching.jobs.submit(options(), images: roads + [wrong])
        guard case .conflicting(let id, let others) = try #require(creation.images.last) else {
            Issue.record("\(creation.images)")
            return
        }
        let job = try await ended(teaching, creation.job)
        #expect(job.warnings.contains { $0.contains("images \(others[0].id) ('road') and \(id) ('mountain')") })
    }

    @Test func `what cannot be decoded is left out and named`() async throws {
        let teaching = try await teaching()
        let broken = try NewImage(bytes: Array("not numbers".utf8), label: "road", filename: "b.jpg")
        let job = try await ended(
            teaching, teaching.jobs.submit(options(), images: roadsAndMountains() + [broken]).job)
        #expect(job.state == .succeeded)
        #expect(job.warnings.contains { $0.contains("b.jpg") && $0.contains("ends too early") }, "\(job.warnings)")
    }

    @Test func `a job that fails for what was left out says what that was`() async throws {
        let teaching = try await teaching()
        let broken = try NewImage(bytes: Array("not numbers".utf8), label: "road", filename: "b.jpg")
        let images =
            try roadsAndMountains().filter { $0.label == "mountain" }
            + roadsAndMountains(1).filter {
                $0.label == "road"
            }
        let job = try await ended(teaching, try await teaching.jobs.submit(options(), images: images + [broken]).job)
        #expect(job.state == .failed && job.error?.contains("'road' has 1") == true, "\(job)")
        #expect(job.warnings.contains { $0.contains("b.jpg") }, "\(job.warnings)")
    }

    @Test func `a job whose model or dataset is gone fails with the reason`() async throws {
        let store = try await SQLiteStore.inMemory()
        let job = try await store.createJob(
            NewJob(head: "h", dataset: "d", model: "old", request: Data("{}".utf8)), images: roadsAndMountains(),
            retention: .images
        ).job
        let teaching = try await teaching(store: store)
        await teaching.jobs.start()
        let failed = try await ended(teaching, job)
        #expect(failed.state == .failed && failed.error?.contains("no model 'old'") == true, "\(failed)")
        let other = try await store.createJob(
            NewJob(head: "h", dataset: "d", model: "net", request: Data("{}".utf8)), images: [], retention: .images
        ).job
        try await store.deleteDataset("d")
        await teaching.jobs.start()
        let gone = try await ended(teaching, other)
        #expect(gone.state == .failed && gone.error?.contains("no dataset 'd'") == true, "\(gone)")
    }

    @Test func `pixels that were not kept are not needed again by the same network, but by another`() async throws {
        let store = try await SQLiteStore.inMemory()
        let first = try await teaching(store: store)
        _ = try await ended(
            first, first.jobs.submit(options { $0.retain = .embeddings }, images: roadsAndMountains()).job)
        let again = try await ended(first, first.jobs.submit(options()).job)
        #expect(again.state == .succeeded && again.headVersion == 2)
        // A store has one process, and so one runner.
        await first.jobs.stop()
        var networks = FakeNetworks()
        networks.weights = "others"
        let second = try await teaching(networks, store: store)
        let failed = try await ended(second, second.jobs.submit(options()).job)
        #expect(failed.state == .failed && failed.headVersion == nil, "\(failed)")
        #expect(failed.error?.contains("at least 2 labels to tell apart, found none") == true, "\(failed)")
    }

    @Test func `two jobs for one head at once are refused`() async throws {
        let networks = FakeNetworks()
        networks.record.close(after: 0)
        let teaching = try await teaching(networks)
        let first = try await teaching.jobs.submit(options(), images: roadsAndMountains()).job
        await #expect { try await teaching.jobs.submit(options(), images: roadsAndMountains()) } throws: {
            "\($0)".contains(first.id)
        }
        networks.record.open()
        #expect(try await ended(teaching, first).state == .succeeded)
    }

    @Test func `a key names one request`() async throws {
        let teaching = try await teaching()
        let images = try roadsAndMountains()
        let first = try await teaching.jobs.submit(options(), images: images, idempotencyKey: "k")
        let again = try await teaching.jobs.submit(options(), images: images, idempotencyKey: "k")
        #expect(again.job.id == first.job.id && !again.isNew && first.isNew)
        await #expect {
            try await teaching.jobs.submit(options { $0.seed = 1 }, images: images, idempotencyKey: "k")
        } throws: { "\($0)".contains(first.job.id) }
    }

    @Test func `a key names its request also when the dataset and the model are gone`() async throws {
        let store = try await SQLiteStore.inMemory()
        let first = try await teaching(store: store)
        let images = try roadsAndMountains()
        _ = try await store.putDataset("d", retention: .images)
        _ = try await store.addImages(images, to: "d")
        let job = try await first.jobs.submit(options { $0.dataset = "d" }, idempotencyKey: "k").job
        _ = try await ended(first, job)
        try await store.deleteDataset("d")
        var networks = FakeNetworks()
        networks.models = []
        let second = try await teaching(networks, store: store)
        let again = try await second.jobs.submit(options { $0.dataset = "d" }, idempotencyKey: "k")
        #expect(again.job.id == job.id && !again.isNew)
        await #expect { try await second.jobs.submit(options(), idempotencyKey: "k") } throws: {
            "\($0)".contains(job.id)
        }
    }

    /// Expected: hashlib.sha256(b"head=bikes\0seed=7\0").hexdigest() in Python.
    @Test func `a request is known by what it says beside the defaults`() throws {
        #expect(
            try options { $0.seed = 7 }.digest(with: []).description
                == "c2e9b81326abdd1a9223a65eae28313eaa55173bec04ba07f75395edd9235d27")
        #expect(try options { $0.type = .logistic }.digest(with: []) == options().digest(with: []))
    }

    @Test func `a label that is none is found before anything is stored`() async throws {
        let store = try await SQLiteStore.inMemory()
        await #expect { try await store.checkClasses(adding: ["road": 2, "a\tb": 2], to: "d") } throws: {
            "\($0)".contains("is no label")
        }
    }

    @Test func `a cancelled job stops, keeps what it computed, and cannot be cancelled twice`() async throws {
        let networks = FakeNetworks()
        networks.record.close(after: 64)
        let teaching = try await teaching(networks)
        let images = try roadsAndMountains(500)
        let job = try await teaching.jobs.submit(options(), images: images).job
        while networks.record.images.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        let cancelled = try await teaching.jobs.cancel(job.id)
        #expect(cancelled.state == .cancelled)
        await #expect { try await teaching.jobs.cancel(job.id) } throws: { "\($0)".contains("has ended") }
        networks.record.open()
        let next = try await ended(teaching, teaching.jobs.submit(options()).job)
        #expect(next.state == .succeeded && networks.record.images.count <= images.count + 64)
        #expect(try await teaching.store.job(job.id).state == .cancelled)
    }

    @Test func `a stopped server's job is taken up by the next, without computing features again`() async throws {
        let store = try await SQLiteStore.inMemory()
        let networks = FakeNetworks()
        networks.record.close(after: 128)
        let first = try await teaching(networks, store: store)
        let job = try await first.jobs.submit(options(), images: roadsAndMountains(200)).job
        while networks.record.images.count < 128 { try await Task.sleep(for: .milliseconds(5)) }
        await first.jobs.stop()
        let laidDown = try await store.job(job.id)
        #expect(laidDown.state == .queued && laidDown.interruptions == 0)
        networks.record.open()
        let before = networks.record.images.count
        let second = try await teaching(networks, store: store)
        await second.jobs.start()
        #expect(try await ended(second, job).state == .succeeded)
        #expect(networks.record.images.count - before <= 400 - 64, "\(before)")
    }

    @Test func `followers see the events in order and then the end`() async throws {
        let teaching = try await teaching()
        let job = try await teaching.jobs.submit(options(), images: roadsAndMountains()).job
        var (sequence, names, isEnd) = (0, [String](), false)
        while !isEnd {
            let (events, end) = try await teaching.jobs.events(of: job.id, after: sequence, within: .seconds(30))
            #expect(events.map(\.sequence) == Array(sequence + 1..<sequence + 1 + events.count))
            sequence += events.count
            names += events.map(\.name)
            isEnd = end
        }
        #expect(names.last == "end" && names.dropLast().allSatisfy { $0 == "progress" })
        let (rest, end) = try await teaching.jobs.events(of: job.id, after: sequence, within: .seconds(1))
        #expect(rest.isEmpty && end)
    }

    @Test func `a head is promoted only where the job says so, and can be rolled back`() async throws {
        let teaching = try await teaching()
        _ = try await ended(teaching, teaching.jobs.submit(options(), images: roadsAndMountains()).job)
        _ = try await ended(teaching, teaching.jobs.submit(options { $0.promote = false }).job)
        #expect(try await teaching.heads.servedHead("bikes").reference.version == 1)
        _ = try await teaching.heads.promote(2, of: "bikes")
        #expect(try await teaching.heads.servedHead("bikes").reference.version == 2)
        _ = try await teaching.heads.promote(1, of: "bikes")
        #expect(try await teaching.heads.servedHead("bikes").reference.version == 1)
        await #expect(throws: TeachingError.self) { try await teaching.heads.delete(version: 1, of: "bikes") }
        try await teaching.heads.delete("bikes")
        await #expect(throws: TeachingError.self) { try await teaching.heads.servedHead("bikes") }
    }
}
