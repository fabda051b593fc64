import Foundation
import TestSupport
import Testing

/// `martlet keys`, and a server that asks for them.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct KeysTests {
    private let folder: URL
    private var file: String { folder.appending(path: "keys.json").path }

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private func keys(_ arguments: String...) throws -> MartletProcess.Output {
        try MartletProcess.run(["keys"] + arguments + ["--keys", file])
    }

    private func key(_ name: String, _ arguments: String...) throws -> String {
        let output = try MartletProcess.run(["keys", "add", name, "--quiet", "--keys", file] + arguments)
        try #require(output.status == 0, "\(output.errors)")
        return try #require(output.text.wholeMatch(of: /(martlet_[a-z0-9]{8}_[A-Za-z0-9]{43})\n/)?.1.description)
    }

    @Test func aKeyIsPrintedOnceAndOnlyItsDigestIsKept() throws {
        let added = try keys(
            "add", "web page", "--scope", "infer", "--scope", "teach", "--rate", "600/m", "--burst", "20", "--share",
            "3",
            "--expires", "90d")
        #expect(added.status == 0 && added.errors.isEmpty, "\(added.errors)")
        let found = try #require(added.text.firstMatch(of: /\n  (martlet_([a-z0-9]{8})_([A-Za-z0-9]{43}))\n/))
        let list = try keys("list")
        #expect(
            list.text.contains(/web page +infer,teach +600\/m +20 +3 +20\d\d-.* 20\d\d-/)
                && list.text.contains(found.2), "\(list.text)")
        #expect(!list.text.contains(found.3))
        let content = try String(contentsOfFile: file, encoding: .utf8)
        #expect(!content.contains(found.3))
        // Python's hashlib is another SHA-256.
        let python = Process()
        let output = Pipe()
        python.executableURL = URL(filePath: "/usr/bin/env")
        python.arguments = [
            "python3", "-c", "import hashlib,sys; print(hashlib.sha256(sys.argv[1].encode()).hexdigest(), end='')",
            String(found.3),
        ]
        python.standardOutput = output
        try python.run()
        let digest = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        #expect(digest.count == 64 && content.contains("\"\(digest)\""))
    }

    /// Adds a key as another user, who need not reach the program's folder.
    private func addKey(_ name: String, asUser user: Int, groups: [Int] = []) throws -> (status: Int32, errors: String)
    {
        let (python, errors) = (Process(), Pipe())
        let tests = URL(filePath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        python.executableURL = URL(filePath: "/usr/bin/env")
        python.arguments = [
            "python3", "-c",
            """
            import os, sys
            program, user, groups, *arguments = sys.argv[1:]
            file = os.open(program, os.O_RDONLY)
            os.setgroups([int(group) for group in groups.split()])
            os.setresgid(*[int(user)] * 3)
            os.setresuid(*[int(user)] * 3)
            os.execve(file, arguments, os.environ)
            """, tests.deletingLastPathComponent().appending(path: "martlet").path, "\(user)",
            groups.map(String.init).joined(separator: " "),
            "martlet", "keys", "add", name, "--scope", "infer", "--quiet", "--keys", file,
        ]
        (python.standardOutput, python.standardError) = (Pipe(), errors)
        try python.run()
        let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        python.waitUntilExit()
        return (python.terminationStatus, text)
    }

    private func access(_ path: String) throws -> [Int?] {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return [.ownerAccountID, .groupOwnerAccountID, .posixPermissions].map { attributes[$0] as? Int }
    }

    private func setAccess(_ path: String, user: Int, group: Int, mode: Int) throws {
        try FileManager.default.setAttributes(
            [.ownerAccountID: user, .groupOwnerAccountID: group, .posixPermissions: mode], ofItemAtPath: path)
    }

    @Test(.enabled(if: geteuid() == 0)) func whoeverOfAGroupAddsAKeyTheGroupsServerReadsOn() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        _ = try key("first", "--scope", "infer")
        try FileManager.default.removeItem(atPath: file + ".lock")
        try setAccess(folder.path, user: 31000, group: 32000, mode: 0o770)
        try setAccess(file, user: 31000, group: 32000, mode: 0o640)
        for user in [31001, 31002, 31000] {
            let added = try addKey("of \(user)", asUser: user, groups: [32000])
            #expect(added.status == 0, "\(added.errors)")
            #expect(try access(file) == [user, 32000, 0o640])
        }
        #expect(try access(file + ".lock") == [31001, 32000, 0o660])
    }

    @Test(.enabled(if: geteuid() == 0)) func nobodyTakesTheFileAwayFromItsOwner() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        _ = try key("first", "--scope", "infer")
        try FileManager.default.removeItem(atPath: file + ".lock")
        try setAccess(folder.path, user: 31000, group: 32000, mode: 0o777)
        try setAccess(file, user: 31000, group: 32000, mode: 0o644)
        let content = try String(contentsOfFile: file, encoding: .utf8)
        let refused = try addKey("second", asUser: 31001)
        let reason = "its owner could not read it any more; do this as user 31000, or as root"
        #expect(refused.status == 1 && refused.errors.contains(reason), "\(refused.errors)")
        #expect(try String(contentsOfFile: file, encoding: .utf8) == content)
        #expect(try access(file) == [31000, 32000, 0o644])
        #expect(!FileManager.default.fileExists(atPath: file + ".new"))
    }

    @Test func whatIsWrongIsSaidAndNothingIsWritten() throws {
        for (arguments, status, words) in [
            (["add", "a"], 64, "--scope infer"), (["add", "a", "--scope", "root"], 64, "root"),
            (["add", "a", "--scope", "infer", "--rate", "10"], 64, "10"),
            (["add", "a", "--scope", "infer", "--rate", "10/d"], 64, "for each s, m or h"),
            (["add", "a", "--scope", "infer", "--expires", "30m"], 64, "expected hours or days"),
            (["add", "a", "--scope", "infer", "--burst", "2"], 64, "--rate"),
            (["add", "a", "--scope", "infer", "--share", "0"], 64, "from 1 to 1000"),
            (["add", "a", "--scope", "infer", "--expires", "soon"], 64, "soon"),
            (["add", "", "--scope", "infer"], 64, "1 to 100 bytes"),
            (["add", "a\u{1b}[2J", "--scope", "infer"], 64, "control characters"),
            (["list"], 1, "there is no key file"), (["remove", "a"], 1, "there is no key file"),
        ] {
            let output = try MartletProcess.run(["keys"] + arguments + ["--keys", file])
            #expect(output.status == status && output.errors.contains(words), "\(arguments): \(output.errors)")
            #expect(output.text.isEmpty)
        }
        #expect(!FileManager.default.fileExists(atPath: file))
    }

    @Test func theKeysLieInAFolderBesideTheStoresUnlessToldOtherwise() throws {
        let store = folder.appending(path: "var/martlet.db").path
        let file = folder.appending(path: "var-keys/keys.json").path
        let added = try MartletProcess.run(
            "keys", "add", "a", "--scope", "infer", environment: ["MARTLET_STORE": store])
        #expect(added.status == 0 && FileManager.default.fileExists(atPath: file), "\(added.errors)")
        let removed = try MartletProcess.run("keys", "remove", "a", "--store", store)
        #expect(removed.text.hasPrefix("removed key 'a' (id "), "\(removed.errors)")
        let list = try MartletProcess.run("keys", "list", "--store", store)
        #expect(list.text.contains("lets nobody in"))
    }

    @Test(arguments: [
        ("martlet.db", "-keys/keys.json"), ("./martlet.db", "-keys/keys.json"), ("var/../m.db", "-keys/keys.json"),
    ])
    func theirFolderIsNeverWithinTheStores(_ store: String, _ end: String) throws {
        let list = try MartletProcess.run("keys", "list", "--store", store)
        let path = try #require(list.errors.firstMatch(of: /'(\/[^']+)'/)?.1, "\(list.errors)")
        #expect(path == MartletProcess.root.path + end)
    }

    @Test func aServerAsksForKeysFromTheFirstKeyOn() async throws {
        let store = folder.appending(path: "var/martlet.db").path
        let server = try ServerProcess(["--store", store])
        defer { server.kill() }
        #expect(try await server.ask("GET", "/models").status == 200)
        let added = try MartletProcess.run("keys", "add", "a", "--scope", "infer", "--quiet", "--store", store)
        while try await server.ask("GET", "/models").status != 401 { try await Task.sleep(for: .milliseconds(10)) }
        let key = added.text.trimmingCharacters(in: .newlines)
        #expect(try await server.ask("GET", "/models", Data(), ["X-API-Key": key]).status == 200)
    }

    @Test func theirFolderBeingTheStoresIsWarnedOf() async throws {
        _ = try key("a", "--scope", "infer")
        let server = try ServerProcess(["--keys", file, "--store", folder.appending(path: "martlet.db").path])
        defer { server.kill() }
        server.process.terminate()
        try await server.process.ended()
        let log = String(decoding: server.log.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let warning = "the server can write the keys, for '\(file)' lies in the store's folder"
        #expect(log.components(separatedBy: warning).count == 2, "once: \(log)")
    }

    @Test(arguments: [("infer", "/models"), ("teach", "/datasets"), ("admin", "/metrics")])
    func theLineToTryAKeyByIsOneThatItMayAsk(_ scope: String, _ path: String) throws {
        let added = try keys("add", "a", "--scope", scope)
        #expect(added.text.contains("' localhost:8080\(path)\n"), "\(added.text)")
    }

    @Test func theLineToTryAServerByHasWhatItAsksFor() async throws {
        _ = try key("a", "--scope", "infer")
        let (server, output, _) = try MartletProcess.start([
            "serve", "--port", "0", "--keys", file, "--tls-self-signed", "--tls-client-ca", try certificate(),
        ])
        var text = ""
        while !text.contains("/classify") {
            let data = output.fileHandleForReading.availableData
            try #require(!data.isEmpty, "it ended after: \(text)")
            text += String(decoding: data, as: UTF8.self)
        }
        server.terminate()
        try await server.ended()
        let options =
            #"curl --insecure --cert client.pem --key client.key -H "Authorization: Bearer $KEY" --data-binary"#
        #expect(text.contains(options), "\(text)")
    }

    private func certificate() throws -> String {
        let path = folder.appending(path: "ca.pem").path
        try TestCertificate("ca", isAuthority: true).certificate.write(
            toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    @Test func aRateThatKeysTakeThePlaceOfIsWarnedOf() async throws {
        _ = try key("a", "--scope", "infer")
        let server = try ServerProcess(["--keys", file, "--rate-limit", "5/s"])
        defer { server.kill() }
        server.process.terminate()
        try await server.process.ended()
        let log = String(decoding: server.log.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        #expect(log.contains("--rate-limit is without effect, for there are keys"), "\(log)")
    }

    @Test func theKeysAreWhereTheServersConfigurationHasThem() throws {
        let configuration = folder.appending(path: "martlet.yaml").path
        let store = folder.appending(path: "store")
        try Data("store: \(store.path)/martlet.db\nport: 9000\n".utf8).write(to: URL(filePath: configuration))
        let nowhere = ["MARTLET_STORE": ""]
        let added = try MartletProcess.run(
            "keys", "add", "a", "--scope", "infer", "--config", configuration, environment: nowhere)
        #expect(added.status == 0, "\(added.errors)")
        #expect(FileManager.default.fileExists(atPath: folder.appending(path: "store-keys/keys.json").path))
        let list = try MartletProcess.run(
            "keys", environment: nowhere.merging(["MARTLET_CONFIG": configuration]) { $1 })
        #expect(list.text.contains("infer"), "\(list.errors)")
        let other = try MartletProcess.run("keys", "list", "--config", configuration, "--keys", file)
        #expect(other.errors.contains("there is no key file '\(file)'"), "a flag goes before the file")
    }

    @Test func aStrangersImageIsRefusedBeforeItIsSent() async throws {
        _ = try key("infer", "--scope", "infer")
        let server = try ServerProcess(["--keys", file])
        defer { server.kill() }
        let client = try Client(port: try #require(server.address.port))
        try await client.send(
            "POST /classify HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 50000000\r\n\r\n")
        #expect(try await client.rest().hasPrefix("HTTP/1.1 401 Unauthorized\r\n"))
    }

    @Test func aServerAsksForTheKeysOfItsFileAndSeesChanges() async throws {
        let infer = try key("infer", "--scope", "infer", "--rate", "1000/s")
        let admin = try key("admin", "--scope", "admin")
        let server = try ServerProcess(["--keys", file])
        defer { server.kill() }
        let photo = try Data(
            contentsOf: MartletProcess.root.appending(path: "Tests/Fixtures/images/chelsea.jpg"))
        func status(_ key: String?, _ method: String = "POST", _ target: String = "/classify") async throws -> Int {
            let fields = key.map { ["Authorization": "Bearer \($0)"] } ?? [:]
            return try await server.ask(method, target, method == "POST" ? photo : Data(), fields).status
        }
        #expect(try await status(nil) == 401)
        #expect(try await status(infer) == 200)
        #expect(try await status(admin) == 403)
        #expect(try await status(admin, "GET", "/metrics") == 200)
        #expect(try await status(infer, "GET", "/metrics") == 403)
        #expect(try await status(nil, "GET", "/health/live") == 200)

        let second = try key("second", "--scope", "infer")
        while try await status(second) != 200 { try await Task.sleep(for: .milliseconds(20)) }
        #expect(try keys("remove", "infer").status == 0)
        while try await status(infer) != 401 { try await Task.sleep(for: .milliseconds(200)) }

        // A broken file changes nothing; SIGHUP has it read at once.
        try Data("{".utf8).write(to: URL(filePath: file))
        kill(server.process.processIdentifier, SIGHUP)
        var log = ""
        while !log.contains("the keys that were read before stay valid") {
            log += try server.nextLog()
        }
        #expect(try await status(second) == 200)
        #expect(!log.contains(infer) && !log.contains(second), "keys are not logged")
    }

    @Test func aKeyFileThatIsNamedMustBeThere() throws {
        let output = try MartletProcess.run("serve", "--port", "0", "--keys", file)
        #expect(output.status == 1 && output.errors.contains("there is no key file '\(file)'"), "\(output.errors)")
    }

    @Test(arguments: [("0.0.0.0", true), ("127.0.0.1", false)])
    func aServerThatAllCanReachWithoutKeysIsWarnedOf(_ host: String, _ isWarned: Bool) async throws {
        let store = folder.appending(path: "a store").path
        let server = try ServerProcess(["--host", host, "--store", "\(store)/martlet.db"])
        defer { server.kill() }
        server.process.terminate()
        try await server.process.ended()
        let log = String(decoding: server.log.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        #expect(log.contains("there are no keys") == isWarned, "\(log)")
        let hint = "'martlet keys add NAME --scope infer --keys '\(store)-keys/keys.json'' makes"
        #expect(log.contains(hint) == isWarned)
    }

    @Test func whatIsForAdminsIsDoneAtTheirListenerAloneAndThereByItsSocketsOwner() async throws {
        let key = try key("ops", "--scope", "admin")
        let sockets = folder.appending(path: "sockets")
        try FileManager.default.createDirectory(at: sockets, withIntermediateDirectories: true)
        let socket = sockets.appending(path: "admin.sock").path
        let server = try ServerProcess(["--keys", file, "--admin-listen", "unix:\(socket)"])
        defer { server.kill() }
        let elsewhere = try await server.ask("GET", "/metrics", Data(), ["X-API-Key": key])
        #expect(elsewhere.status == 403 && elsewhere.json["type"] as? String == "/problems/forbidden")
        func status(_ fields: String...) throws -> String {
            let (curl, output) = (Process(), Pipe())
            curl.executableURL = URL(filePath: "/usr/bin/env")
            curl.arguments =
                ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--unix-socket", socket]
                + fields.flatMap { ["-H", $0] } + ["http://localhost/metrics"]
            curl.standardOutput = output
            try curl.run()
            return String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        }
        #expect(try status() == "200")
        #expect(try status("X-Forwarded-For: 192.0.2.1") == "401")
        #expect(try status("X-Forwarded-For: 192.0.2.1", "X-API-Key: \(key)") == "200")
    }
}
