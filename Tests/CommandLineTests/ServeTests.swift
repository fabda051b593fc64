import Foundation
import FoundationNetworking
import Testing

/// The server as a user starts it, asked over a real socket.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct ServeTests {
    /// Starts a server on a free port and hands it with its address to `body`.
    private func withServer(_ options: [String] = [], _ body: (Process, URL) async throws -> Void) async throws {
        let server = try ServerProcess(options)
        defer { server.kill() }
        try await body(server.process, server.address)
    }

    private func status(of url: URL) async throws -> Int? {
        (try await URLSession.shared.data(from: url).1 as? HTTPURLResponse)?.statusCode
    }

    /// Sends SIGTERM and returns when the server says that it is not ready.
    private func askToStop(_ process: Process, _ address: URL) async throws {
        process.terminate()
        let ready = address.appending(path: "health/ready")
        while try await status(of: ready) != 503 { try await Task.sleep(for: .milliseconds(5)) }
    }

    private func post(_ url: URL, _ body: Data) async throws -> (status: Int, json: [String: Any]) {
        var request = URLRequest(url: url)
        request.httpMethod = "POST"
        request.httpBody = body
        let (data, response) = try await URLSession.shared.data(for: request)
        let json = try JSONSerialization.jsonObject(with: data) as? [String: Any]
        return ((response as? HTTPURLResponse)?.statusCode ?? 0, json ?? [:])
    }

    private func photo(_ name: String) throws -> Data {
        try Data(contentsOf: MartletProcess.root.appending(path: "Tests/Fixtures/images/\(name)"))
    }

    @Test func itAnswersPhotosRefusesOthersAndStopsOnRequest() async throws {
        try await withServer { process, address in
            let classify = address.appending(path: "classify")
            let cat = try await post(classify, try photo("chelsea.jpg"))
            let predictions = try #require(cat.json["predictions"] as? [[String: Any]])
            let classes = try #require(predictions.first?["classes"] as? [[String: Any]])
            #expect((classes.first?["label"] as? String)?.hasSuffix("cat") == true, "\(classes)")

            let embedding = try await post(address.appending(path: "embed"), try photo("coffee.jpg"))
            #expect(embedding.json["dimensions"] as? Int == 1280)

            for (body, status) in [
                (Data(), 400), (Data("text".utf8), 415), (try photo("chelsea.jpg").prefix(9000), 422),
                (try photo("30000x30000.png"), 422),
            ] {
                let answer = try await post(classify, body)
                #expect(answer.status == status, "\(body.count) bytes: \(answer.json)")
                #expect((answer.json["detail"] as? String)?.isEmpty == false)
            }
            #expect(try await post(classify, try photo("1x1.png")).status == 200)

            let unknown = try #require(URL(string: "\(address)/classify?model=resnet"))
            #expect(try await post(unknown, try photo("coffee.jpg")).status == 404)
            #expect(try await status(of: address.appending(path: "health/live")) == 200, "it is still up")

            process.terminate()
            try await process.ended()
            #expect(process.terminationReason == .exit && process.terminationStatus == 0)
        }
    }

    @Test func aModelThatDoesNotNameItsClassesIsLoggedAsAWarning() async throws {
        let models = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: models) }
        try FileManager.default.createDirectory(at: models, withIntermediateDirectories: true)
        let folder = models.appending(path: "cats").path
        let converted = try MartletProcess.run("convert", "Tests/Fixtures/models/convolution_valid.onnx", folder)
        try #require(converted.status == 0, "\(converted.errors)")
        let server = try ServerProcess(["--models", models.path])
        defer { server.kill() }
        server.process.terminate()
        try await server.process.ended()
        let log = String(decoding: server.log.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        #expect(
            log.contains(#/warning martlet.*model 'cats': .*config.json does not name the classes.*"labels"/#), "\(log)"
        )
    }

    @Test func aFileBesideTheModelsFoldersIsLoggedAsAWarning() async throws {
        let models = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: models) }
        try FileManager.default.createDirectory(at: models, withIntermediateDirectories: true)
        let source = "Tests/Fixtures/models/convolution_valid.onnx"
        let converted = try MartletProcess.run("convert", source, models.appending(path: "cats").path)
        try #require(converted.status == 0, "\(converted.errors)")
        let file = models.appending(path: "dogs.onnx").path
        try FileManager.default.copyItem(
            atPath: MartletProcess.root.appending(path: source).path, toPath: file)
        let server = try ServerProcess(["--models", models.path])
        defer { server.kill() }
        server.process.terminate()
        try await server.process.ended()
        let log = String(decoding: server.log.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let warning = "'\(file)' is not served: 'martlet convert \(file) FOLDER' makes a model folder of it"
        #expect(log.split(separator: "\n").contains { $0.contains(" warning ") && $0.contains(warning) }, "\(log)")
    }

    @Test func itsLimitOfABodyIsTheOneOfTheCommandLine() async throws {
        try await withServer(["--max-body-size", "1", "--max-buffered", "1", "--max-connections", "8"]) { _, address in
            let classify = address.appending(path: "classify")
            for (count, status) in [((1 << 20) + 1, 413), (1 << 20, 415)] {
                let answer = try await post(classify, Data(count: count))
                #expect(answer.status == status, "\(count) bytes: \(answer.json)")
            }
        }
    }

    @Test func itsLimitsOfARequestAreThoseOfTheCommandLine() async throws {
        let limits = ["--max-images", "1", "--max-header-size", "1", "--max-pixels", "1"]
        try await withServer(limits) { _, address in
            let image = try photo("1x1.png").base64EncodedString()
            for (count, status) in [(1, 200), (2, 413)] {
                let images = Array(repeating: "\"\(image)\"", count: count).joined(separator: ",")
                var request = URLRequest(url: address.appending(path: "classify"))
                request.httpMethod = "POST"
                request.setValue("application/json", forHTTPHeaderField: "Content-Type")
                request.httpBody = Data("{\"images\": [\(images)]}".utf8)
                let response = try await URLSession.shared.data(for: request).1 as? HTTPURLResponse
                #expect(response?.statusCode == status)
            }
            var request = URLRequest(url: address.appending(path: "health/live"))
            request.setValue(String(repeating: "x", count: 1024), forHTTPHeaderField: "X")
            let response = try await URLSession.shared.data(for: request).1 as? HTTPURLResponse
            #expect(response?.statusCode == 431)
        }
    }

    @Test func thePortOfTheAdminListenerIsAnother() throws {
        let output = try MartletProcess.run("serve", "--port", "23999", "--admin-listen", "127.0.0.1:23999")
        #expect(
            output.status == 64 && output.errors.contains("--admin-listen and --port have the same port, 23999"),
            "\(output.errors)")
    }

    @Test func anAddressOfIPv6MayStandInBrackets() throws {
        // Of documentation, and so nobody's (RFC 3849).
        let output = try MartletProcess.run("serve", "--port", "0", "--host", "[2001:db8::1]")
        #expect(
            output.status == 1 && output.errors.contains("cannot listen on 2001:db8::1 port 0"), "\(output.errors)")
    }

    @Test func askedToStopItServesOnForTheDrainDelayWithoutBeingReady() async throws {
        try await withServer(["--drain-delay", "600"]) { process, address in
            #expect(try await status(of: address.appending(path: "health/ready")) == 200)
            try await askToStop(process, address)
            let answer = try await post(address.appending(path: "classify"), try photo("1x1.png"))
            #expect(answer.status == 200, "\(answer.json)")
        }
    }

    @Test func afterTheDrainDelayItEnds() async throws {
        try await withServer(["--drain-delay", "0.5"]) { process, _ in
            let start = ContinuousClock.now
            process.terminate()
            try await process.ended()
            #expect(process.terminationReason == .exit && process.terminationStatus == 0)
            #expect(ContinuousClock.now - start >= .seconds(0.5))
        }
    }

    @Test func aSecondSignalEndsItWithinTheDrainDelay() async throws {
        try await withServer(["--drain-delay", "600"]) { process, address in
            try await askToStop(process, address)
            // Sooner it would be taken for the first.
            try await Task.sleep(for: .milliseconds(200))
            process.terminate()
            try await process.ended()
            #expect(process.terminationStatus == 128 + SIGTERM)
        }
    }

    @Test func aSignalThatIsSentTwiceAtOnceIsOne() async throws {
        try await withServer(["--drain-delay", "0.5"]) { process, _ in
            for _ in 0..<2 { process.terminate() }
            try await process.ended()
            #expect(process.terminationReason == .exit && process.terminationStatus == 0)
        }
    }

    @Test func withoutTheThreadsThatItNeedsItSaysSo() throws {
        let output = try MartletProcess.run(["serve", "--port", "0"], limits: "-s 8192 -v 200000")
        #expect(
            output.status == 1
                && output.errors.contains(#/Error: the process needs \d+ more threads, and may start \d+ \(/#),
            "\(output.errors)")
    }

    @Test func itServesOnWhenNobodyReadsItsLog() async throws {
        let server = try ServerProcess()
        defer { server.kill() }
        try server.log.fileHandleForReading.close()
        // It logs that it reads its files again.
        for _ in 0..<3 {
            kill(server.process.processIdentifier, SIGHUP)
            try await Task.sleep(for: .milliseconds(50))
            #expect(try await server.ask("GET", "/health/live").status == 200)
        }
    }
}
