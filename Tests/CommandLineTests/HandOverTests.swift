import Foundation
import Synchronization
import TestSupport
import Testing

/// How a server starts beside a supervisor or another server, and gives way to the next.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct HandOverTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "m\(UInt32.random(in: 0 ... .max))")

    private func path(_ name: String) throws -> String {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder.appending(path: name).path
    }

    private func live(_ client: Client, _ path: String = "/health/live") async throws -> String {
        try await client.send("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return String(try await client.response().prefix { $0 != "\r\n" })
    }

    /// A socket that listens, and its port.
    private func listeningSocket() throws -> (FileHandle, Int) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        try #require(descriptor >= 0 && listen(descriptor, 100) == 0)
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        return (FileHandle(fileDescriptor: descriptor, closeOnDealloc: true), Int(UInt16(bigEndian: address.sin_port)))
    }

    /// Starts a server with `socket` as descriptor 3; returns when it has announced itself, or has ended.
    private func activated(
        _ socket: FileHandle, name: String = "public", environment: [String: String] = [:]
    ) async throws -> (Process, String) {
        let (process, output) = (Process(), Pipe())
        process.executableURL = URL(filePath: "/bin/bash")
        // Only the process itself can say who it is.
        let tests = URL(filePath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        process.arguments = [
            "-c",
            "export LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=\(name); exec \"$0\" serve --store \"$1\" 3<&0 2>&1 </dev/null",
            tests.deletingLastPathComponent().appending(path: "martlet").path, try path("store.db"),
        ]
        process.currentDirectoryURL = MartletProcess.root
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = socket
        process.standardOutput = output
        try process.run()
        var text = ""
        while !text.contains("/classify") {
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else { break }
            text += String(decoding: data, as: UTF8.self)
        }
        return (process, text)
    }

    @Test func clientsOfASocketThatASupervisorKeepsWaitForTheNextServer() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let (socket, port) = try listeningSocket()
        let early = try Client(port: port)
        let (first, text) = try await activated(socket, environment: ["MARTLET_PORT": "\(port + 1)"])
        defer { if first.isRunning { kill(first.processIdentifier, SIGKILL) } }
        #expect(text.contains(":\(port)"), "\(text)")
        #expect(
            text.contains("warning") && text.contains("--port without effect: the sockets are inherited"), "\(text)")
        #expect(try await live(early) == "HTTP/1.1 200 OK")
        first.terminate()
        try await first.ended()
        #expect(first.terminationStatus == 0)
        let late = try Client(port: port)
        let (second, other) = try await activated(socket)
        #expect(!other.contains("without effect"), "\(other)")
        defer { kill(second.processIdentifier, SIGKILL) }
        #expect(try await live(late) == "HTTP/1.1 200 OK")
    }

    @Test func aUnixSocketIsServedBesideWhatIsInherited() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = try path("martlet.sock")
        let (server, text) = try await activated(listeningSocket().0, environment: ["MARTLET_UNIX_SOCKET": path])
        defer { kill(server.processIdentifier, SIGKILL) }
        #expect(text.contains("/classify"), "\(text)")
        #expect(try await live(Client(unixPath: path)) == "HTTP/1.1 200 OK")
    }

    @Test(arguments: [
        ("other", "the inherited socket 3 must be called 'public' or 'admin', found 'other'"),
        ("admin", "one must be called 'public', found only 'admin'"), ("a:b", "as many names as LISTEN_FDS (1)"),
    ]) func aSocketOfAnotherNameIsAMistake(_ name: String, _ message: String) async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let (process, text) = try await activated(try listeningSocket().0, name: name)
        try await process.ended()
        #expect(process.terminationStatus == 1 && text.contains(message), "\(text)")
    }

    @Test func aDescriptorThatDoesNotListenIsAMistake() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = try #require(FileHandle(forReadingAtPath: "/dev/null"))
        let (process, text) = try await activated(file)
        try await process.ended()
        #expect(process.terminationStatus == 1 && text.contains("3"), "\(text)")
    }

    @Test func socketsMeantForAnotherProcessAreNotTaken() throws {
        let server = try ServerProcess(environment: ["LISTEN_PID": "1", "LISTEN_FDS": "1"])
        defer { server.kill() }
        #expect(server.address.port != nil)
    }

    @Test func withoutStandardOutputAndErrorItServesUntilItIsToStop() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let socket = try path("martlet.sock")
        let (process, _, _) = try MartletProcess.start(
            ["serve", "--port", "0", "--store", try path("store.db"), "--unix-socket", socket],
            limits: "-n 1024 && exec >&- 2>&-")
        defer { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }
        var client: Client?
        while process.isRunning, client == nil {
            client = try? Client(unixPath: socket)
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(try await live(try #require(client), "/health/ready") == "HTTP/1.1 200 OK")
        // It logs so.
        kill(process.processIdentifier, SIGHUP)
        try await Task.sleep(for: .milliseconds(200))
        #expect(try await live(Client(unixPath: socket), "/health/ready") == "HTTP/1.1 200 OK")
        process.terminate()
        try await process.ended()
        #expect(process.terminationStatus == 0)
    }

    @Test func theNextServerListensBeforeTheLastOneStopsAndWaitsForItsStore() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let socket = try path("martlet.sock")
        let options = ["--reuse-port", "--store", try path("store.db"), "--unix-socket", socket]
        let first = try ServerProcess(options)
        defer { first.kill() }
        let port = try #require(first.address.port)
        let second = try ServerProcess(
            ["--port", "\(port)", "--store-wait", "60"] + options, isAnnounced: false)
        defer { second.kill() }
        var log = ""
        while !log.contains("waiting for at most 60.0 s: ") {
            log += try second.nextLog()
        }
        // All the while there is a socket to be found, and whoever finds it is answered.
        let isOver = Mutex(false)
        async let answers = {
            var answers: [String] = []
            while !isOver.withLock(\.self) { answers.append(try await live(Client(unixPath: socket))) }
            return answers
        }()
        first.process.terminate()
        try await first.process.ended()
        #expect(first.process.terminationStatus == 0)
        #expect(try await live(Client(port: port), "/health/ready") == "HTTP/1.1 200 OK")
        isOver.withLock { $0 = true }
        #expect(try await Set(answers) == ["HTTP/1.1 200 OK"])
        #expect(try await live(Client(unixPath: socket), "/health/ready") == "HTTP/1.1 200 OK")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(names.filter { $0.contains(".sock") } == ["martlet.sock"])
    }

    @Test func aServerThatDoesNotComeToServeLeavesTheOtherItsUnixSockets() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let (socket, admin) = (try path("s/martlet.sock"), try path("s/admin.sock"))
        try FileManager.default.createDirectory(
            at: folder.appending(path: "s"), withIntermediateDirectories: true)
        let options = [
            "--reuse-port", "--store", try path("store.db"), "--unix-socket", socket, "--admin-listen", "unix:\(admin)",
        ]
        let first = try ServerProcess(options)
        defer { first.kill() }
        func expectFirst() async throws {
            for path in [socket, admin] {
                #expect(try await live(Client(unixPath: path), "/health/ready") == "HTTP/1.1 200 OK")
            }
        }
        let failed = try MartletProcess.run(["serve", "--port", "0"] + options)
        #expect(failed.status == 1 && failed.errors.contains("store.db"), "\(failed.errors)")
        try await expectFirst()
        let stopped = try ServerProcess(options + ["--store-wait", "600"], isAnnounced: false)
        defer { stopped.kill() }
        var log = ""
        while !log.contains("waiting for at most 600.0 s: ") {
            log += try stopped.nextLog()
        }
        try await expectFirst()
        stopped.process.terminate()
        try await stopped.process.ended()
        try await expectFirst()
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "s").path)
        #expect(names.sorted() == ["admin.sock", "martlet.sock"])
    }

    @Test(arguments: [SIGTERM, SIGHUP]) func aSignalThatComesBeforeItIsReadyIsNotLost(_ number: Int32) async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        // What it reads first.
        let configuration = try path("martlet.yaml")
        try #require(mkfifo(configuration, 0o600) == 0)
        let server = try ServerProcess(["--config", configuration], isAnnounced: false)
        defer { server.kill() }
        var writer: Int32 = -1
        while server.process.isRunning, writer < 0 {
            writer = open(configuration, O_WRONLY | O_NONBLOCK)
            if writer < 0 { try await Task.sleep(for: .milliseconds(1)) }
        }
        let file = FileHandle(fileDescriptor: writer, closeOnDealloc: true)
        kill(server.process.processIdentifier, number)
        try file.write(contentsOf: Data("# nothing\n".utf8))
        try file.close()
        let sign = number == SIGTERM ? "asked to stop before it served" : "SIGHUP: looking at the models"
        var log = ""
        while !log.contains(sign) {
            let data = server.log.fileHandleForReading.availableData
            try #require(!data.isEmpty, "it ended after: \(log)")
            log += String(decoding: data, as: UTF8.self)
        }
        if number == SIGHUP { server.process.terminate() }
        try await server.process.ended()
        #expect(server.process.terminationReason == .exit && server.process.terminationStatus == 0)
    }

    @Test func whatIsWrongWithAServerIsFoundOutBeforeItWaitsForTheOneThatServes() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = ["--store", try path("store.db")]
        let first = try ServerProcess(store)
        defer { first.kill() }
        let wrong = try path("wrong")
        try Data("no key, no certificate".utf8).write(to: URL(filePath: wrong))
        for (options, message) in [
            (["--keys", wrong], "is not as 'martlet keys' writes it"),
            (["--tls-certificate", wrong, "--tls-key", wrong], "wrong"),
        ] {
            let second = try ServerProcess(store + ["--store-wait", "600"] + options, isAnnounced: false)
            defer { second.kill() }
            let log = String(decoding: second.log.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            try await second.process.ended()
            #expect(second.process.terminationStatus == 1 && log.contains(message), "\(log)")
        }
    }

    @Test func aServerThatIsAskedToStopBeforeItServesStops() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = ["--store", try path("store.db")]
        let first = try ServerProcess(store)
        defer { first.kill() }
        let second = try ServerProcess(store + ["--store-wait", "600"], isAnnounced: false)
        defer { second.kill() }
        var log = ""
        func read() { log += String(decoding: second.log.fileHandleForReading.availableData, as: UTF8.self) }
        while !log.contains("waiting for at most 600.0 s: ") { read() }
        // What comes too early is no reason to end.
        Foundation.kill(second.process.processIdentifier, SIGHUP)
        second.process.terminate()
        try await second.process.ended()
        #expect(second.process.terminationReason == .exit && second.process.terminationStatus == 0)
        read()
        #expect(log.contains("asked to stop before it served"), "\(log)")
    }

    @Test func theSupervisorIsToldWhatTheServerDoes() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        for path in [try path("notify"), "@martlet-\(UUID().uuidString)"] {
            let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
            defer { close(descriptor) }
            let name = Array(path.replacing("@", with: "\0").utf8)
            let address = withUnsafeBytes(of: sa_family_t(AF_UNIX)) { Array($0) } + name
            let bound = address.withUnsafeBytes { bytes in
                bind(descriptor, bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
            }
            try #require(bound == 0)
            var deadline = timeval(tv_sec: 60, tv_usec: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &deadline, socklen_t(MemoryLayout<timeval>.size))
            func next() -> String {
                var bytes = [UInt8](repeating: 0, count: 4096)
                let count = recv(descriptor, &bytes, bytes.count, 0)
                return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
            }
            let server = try ServerProcess(["--drain-delay", "600"], environment: ["NOTIFY_SOCKET": path])
            defer { server.kill() }
            #expect(next().hasPrefix("READY=1\n"))
            Foundation.kill(server.process.processIdentifier, SIGHUP)
            #expect(next().wholeMatch(of: /RELOADING=1\nMONOTONIC_USEC=[0-9]+/) != nil)
            #expect(next().hasPrefix("READY=1\n"))
            server.process.terminate()
            #expect(next().hasPrefix("STOPPING=1\n"))
            // That is the last word, whatever comes: the second reload begins when the first is over.
            var log = ""
            for count in 2...3 {
                Foundation.kill(server.process.processIdentifier, SIGHUP)
                while log.matches(of: #/SIGHUP: /#).count < count {
                    log += try server.nextLog()
                }
            }
            var byte: UInt8 = 0
            #expect(recv(descriptor, &byte, 1, Int32(MSG_DONTWAIT)) == -1)
        }
    }

    @Test func aUnixSocketAndOneForOperatorsAreServedToo() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let (socket, admin) = (try path("martlet.sock"), try path("admin.sock"))
        let server = try ServerProcess(["--unix-socket", socket, "--admin-listen", "unix:\(admin)"])
        defer { server.kill() }
        for path in [socket, admin] {
            #expect(try await live(Client(unixPath: path)) == "HTTP/1.1 200 OK")
        }
        server.process.terminate()
        try await server.process.ended()
        #expect(server.process.terminationStatus == 0)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
    }

    @Test func theLogSaysWhereEachListenerIs() async throws {
        let server = try ServerProcess(["--admin-listen", "127.0.0.1:0"])
        defer { server.kill() }
        var log = ""
        while !log.contains("(admin)") {
            log += try server.nextLog()
        }
        let port = try #require(log.firstMatch(of: /listens on 127.0.0.1:([0-9]+) \(admin\)/)?.1)
        #expect(log.contains("listens on 127.0.0.1:\(try #require(server.address.port)) (public)"))
        #expect(try await live(Client(port: try #require(Int(port)))) == "HTTP/1.1 200 OK")
    }

    @Test func itEncryptsByACertificateThatIsReplacedAndReadAgain() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let (certificate, key) = (try path("certificate.pem"), try path("key.pem"))
        func write(_ name: String) throws {
            let made = try TestCertificate(name)
            try made.certificate.write(toFile: certificate, atomically: true, encoding: .utf8)
            try made.key.write(toFile: key, atomically: true, encoding: .utf8)
        }
        try write("first.example")
        let server = try ServerProcess(["--tls-certificate", certificate, "--tls-key", key])
        defer { server.kill() }
        #expect(server.address.scheme == "https")
        let port = try #require(server.address.port)
        #expect(try await live(Client(port: port, tls: ClientTLS())) == "HTTP/1.1 200 OK")
        try write("second.example")
        Foundation.kill(server.process.processIdentifier, SIGHUP)
        while try await Client(port: port, tls: ClientTLS()).serverCommonName != "second.example" {
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
