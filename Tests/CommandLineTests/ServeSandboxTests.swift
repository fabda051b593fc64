import Foundation
import TestSupport
import Testing

/// The server's sandbox; what a process in one can do is tried in SandboxTests.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct ServeSandboxTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "m\(UInt32.random(in: 0 ... .max))")

    private func file(_ name: String) throws -> URL {
        let file = folder.appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        return file
    }

    private func link(_ name: String, to target: URL) throws {
        try FileManager.default.createSymbolicLink(at: file(name), withDestinationURL: target)
    }

    private let model = MartletProcess.root.appending(path: "models/efficientnet-lite0")

    private func log(of server: ServerProcess) async throws -> String {
        server.process.terminate()
        try await server.process.ended()
        return String(decoding: server.log.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    }

    @Test(arguments: [("on", true), ("off", false)])
    func itServesInASandboxUnlessItIsToldNotTo(_ mode: String, _ isSandboxed: Bool) async throws {
        let server = try ServerProcess(["--sandbox", mode])
        defer { server.kill() }
        let status = try String(contentsOfFile: "/proc/\(server.process.processIdentifier)/status", encoding: .utf8)
        #expect(status.contains("NoNewPrivs:\t\(isSandboxed ? 1 : 0)\n"), "\(status)")
        let log = try await log(of: server)
        #expect(log.contains("sandbox: no new privileges, ") == isSandboxed, "\(log)")
        #expect(log.contains("seccomp once it listens") == isSandboxed, "\(log)")
    }

    @Test func onePartThatIsMissingIsAWarningOrAnErrorWhereAllAreRequired() async throws {
        // A filter around the server that denies it Landlock, as an old kernel or a container's would.
        for (mode, serves) in [("on", true), ("required", false)] {
            let output = try withoutLandlock(["serve", "--port", "0", "--sandbox", mode, "--store", file("s.db").path])
            #expect(output.contains("martlet serves ") == serves, "\(output)")
            #expect(output.contains(serves ? " warning " : "Error: --sandbox=required"), "\(output)")
            #expect(output.contains("no landlock ("), "\(output)")
        }
        try FileManager.default.removeItem(at: folder)
    }

    /// Runs it until it has said something, and ends it.
    private func withoutLandlock(_ arguments: [String]) throws -> String {
        let tests = URL(filePath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        let (process, output) = (Process(), Pipe())
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments =
            ["python3", MartletProcess.root.appending(path: "Tests/Fixtures/without_landlock.py").path]
            + [tests.deletingLastPathComponent().appending(path: "martlet").path] + arguments
        process.currentDirectoryURL = MartletProcess.root
        process.standardOutput = output
        process.standardError = output
        try process.run()
        var text = ""
        while !text.contains("/classify") {
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else { break }
            text += String(decoding: data, as: UTF8.self)
        }
        process.terminate()
        process.waitUntilExit()
        return text
    }

    @Test(arguments: ["cats", "cats/1"]) func aModelOrAVersionThatIsALinkIsServed(_ name: String) async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try link("models/\(name)", to: model)
        // The store may lie among the models.
        try await expectToServe(["--store", file("models/var/martlet.db").path])
    }

    @Test(arguments: ["cats", "cats/1"]) func aFileOfAModelThatIsALinkIsRead(_ name: String) async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        for entry in try FileManager.default.contentsOfDirectory(atPath: model.path) {
            try link("models/\(name)/\(entry)", to: model.appending(path: entry))
        }
        try await expectToServe()
    }

    @Test func linksInAFolderThatIsALinkAreFollowedToo() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try link("versions/1", to: model)
        try link("models/cats", to: folder.appending(path: "versions"))
        try await expectToServe()
    }

    @Test func aLinkInACircleHarmsNobody() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try link("models/cats", to: model)
        try link("models/loop", to: folder.appending(path: "models/loop"))
        try link("models/up", to: folder.appending(path: "models"))
        try await expectToServe()
    }

    @Test func aUnixSocketAmongOtherFilesIsRefused() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data().write(to: file("other.pid"))
        let options = ["serve", "--port", "0", "--unix-socket", try file("martlet.sock").path]
        let refused = try MartletProcess.run(options)
        #expect(
            refused.status == 1 && refused.errors.contains("'\(folder.path)' has 'other.pid' too"), "\(refused.errors)")
        let server = try ServerProcess(Array(options.dropFirst()) + ["--sandbox", "off"])
        server.kill()
    }

    @Test(arguments: ["m.db", "models/m.db"])
    func modelsInTheStoresFolderAreWarnedOf(_ store: String) async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try link("models/cats", to: model)
        let models = try file("models").path
        let server = try ServerProcess(["--models", models, "--store", file(store).path])
        defer { server.kill() }
        let log = try await log(of: server)
        #expect(log.contains("the server can write the models, for '\(models)' lies in the store's folder"), "\(log)")
    }

    @Test func aModelThatIsLinkedInLaterIsSaidToBeOutOfReach() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try link("models/cats", to: model)
        for name in ["dogs/config.json", "versions/1/config.json"] { try Data().write(to: file("elsewhere/\(name)")) }
        let server = try ServerProcess(["--models", file("models").path, "--store", file("var/m.db").path])
        defer { server.kill() }
        try link("models/dogs", to: folder.appending(path: "elsewhere/dogs"))
        try link("models/versions", to: folder.appending(path: "elsewhere/versions"))
        while try await reasons(server).count < 2 { try await Task.sleep(for: .milliseconds(50)) }
        for reason in try await reasons(server) { #expect(reason.contains("Permission denied"), "\(reason)") }
        let log = try await log(of: server)
        for name in ["dogs", "versions"] {
            let line = log.split(separator: "\n").first { $0.contains("models/\(name)'") }
            #expect(line?.contains("follows links as they were when it started: restart it") == true, "\(log)")
        }
    }

    /// Why versions of models have failed.
    private func reasons(_ server: ServerProcess) async throws -> [String] {
        let models = try await server.ask("GET", "/models").json["models"] as? [[String: Any]] ?? []
        return models.flatMap { $0["versions"] as? [[String: Any]] ?? [] }.compactMap { $0["reason"] as? String }
    }

    /// That the model answers, in the whole of the sandbox.
    private func expectToServe(_ options: [String] = []) async throws {
        let server = try ServerProcess(
            ["--models", file("models").path, "--sandbox", "required", "--default-model", "cats"] + options)
        defer { server.kill() }
        let photo = try Data(contentsOf: MartletProcess.root.appending(path: "Tests/Fixtures/images/chelsea.jpg"))
        let answer = try await server.ask("POST", "/classify", photo)
        #expect(answer.status == 200 && answer.json["model"] as? String == "cats", "\(answer)")
        // An answer that is too long to be sent in one piece with its head.
        #expect(try await server.ask("GET", "/openapi.yaml").status == 200)
    }
}
