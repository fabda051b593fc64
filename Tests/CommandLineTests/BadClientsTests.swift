import Foundation
import Testing

/// The bad clients of Benchmarks/hostile.py for seconds; `make soak` is the same for twenty minutes.
@Suite(.timeLimit(.minutes(5))) struct BadClientsTests {
    @Test func othersAreAnsweredAndNothingIsLeftBehind() async throws {
        let server = try ServerProcess(["--idle-timeout", "1", "--header-timeout", "2"])
        defer { server.kill() }
        let photo = MartletProcess.root.appending(path: "Tests/Fixtures/images/chelsea.jpg")
        let image = try Data(contentsOf: photo)
        #expect(try await server.ask("POST", "/classify", image).status == 200)
        let before = try await descriptors(of: server)

        let port = try #require(server.address.port)
        let clients = Process()
        clients.executableURL = URL(filePath: "/usr/bin/env")
        clients.arguments = [
            "python3", "-B", MartletProcess.root.appending(path: "Benchmarks/hostile.py").path,
            "\(port)", "5", photo.path,
        ]
        let output = Pipe()
        clients.standardOutput = output
        try clients.run()
        while clients.isRunning {
            #expect(try await server.ask("POST", "/classify", image).status == 200)
        }
        let counts = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        for kind in [
            "smuggler 400", "bad head 431", "bad head 414", "bad head 505", "broken image 422",
            "left before the answer",
        ] {
            #expect(counts.contains(kind), "\(counts)")
        }
        #expect(try await descriptors(of: server) <= before, "\(counts)")
    }

    /// Those of the process when the connections that it had have ended by their idle time.
    private func descriptors(of server: ServerProcess) async throws -> Int {
        let folder = "/proc/\(server.process.processIdentifier)/fd"
        var counts: [Int] = []
        // Connections of the URL session and of the clients end within two seconds each.
        repeat {
            try await Task.sleep(for: .milliseconds(250))
            counts.append(try FileManager.default.contentsOfDirectory(atPath: folder).count)
        } while counts.count < 40 && !(counts.count > 12 && Set(counts.suffix(8)).count == 1)
        return try #require(counts.last)
    }
}
