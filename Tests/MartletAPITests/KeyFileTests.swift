import Foundation
import Testing

@testable import MartletAPI

struct KeyFileTests {
    private let fixture: KeyFixture

    init() throws { fixture = try KeyFixture() }

    private func write(_ text: String) throws { try Data(text.utf8).write(to: URL(filePath: fixture.file.path)) }

    private static func key(_ changes: [String: Any?] = [:]) throws -> String {
        let whole: [String: Any?] = [
            "id": "ab12cd34", "name": "web", "scopes": ["infer"], "sha256": String(repeating: "0f", count: 32),
            "created": "2026-01-02T03:04:05Z",
        ]
        let members = whole.merging(changes) { $1 }.compactMapValues(\.self)
        return String(decoding: try JSONSerialization.data(withJSONObject: ["keys": [members]]), as: UTF8.self)
    }

    @Test func `A key that was added is read as it was given`() throws {
        var grant = APIKey.Grant(name: "web", scopes: [.infer, .teach])
        grant.rate = Rate("10/s")
        (grant.burst, grant.share, grant.expires) = (20, 3, Date(timeIntervalSince1970: 2_000_000_000))
        let text = try fixture.file.add(grant, now: Date(timeIntervalSince1970: 1_790_000_000.7))
        let keys = try fixture.file.keys()
        #expect(keys.count == 1 && keys[0].id == text.id && keys[0].name == "web")
        #expect(keys[0].scopes == [.infer, .teach] && keys[0].rate == Rate(10, per: .second))
        #expect(keys[0].burst == 20 && keys[0].share == 3)
        #expect(keys[0].created == Date(timeIntervalSince1970: 1_790_000_000))
        #expect(keys[0].expires == Date(timeIntervalSince1970: 2_000_000_000))
        #expect(text.hasDigest(keys[0].digest))
    }

    @Test func `The file has the digest and not the secret, and is for its owner only`() throws {
        let text = try fixture.key([.infer])
        let content = try String(contentsOfFile: fixture.file.path, encoding: .utf8)
        let digest = try #require(text.digest)
        #expect(!content.contains(text.secret) && content.contains("\(digest)"))
        let attributes = try FileManager.default.attributesOfItem(atPath: fixture.file.path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test func `A key goes by its id and by its name, and the others stay`() throws {
        let first = try fixture.key([.infer], name: "first")
        _ = try fixture.key([.infer], name: "second")
        _ = try fixture.key([.infer], name: "third")
        #expect(try fixture.file.remove(first.id).name == "first")
        #expect(try fixture.file.remove("third").name == "third")
        #expect(try fixture.file.keys().map(\.name) == ["second"])
        #expect(throws: KeyFileError.unknownKey("first", path: fixture.file.path)) { try fixture.file.remove("first") }
    }

    @Test func `Two keys do not have one name`() throws {
        _ = try fixture.key([.infer], name: "web")
        #expect(throws: KeyFileError.nameTaken("web")) { try fixture.key([.teach], name: "web") }
        #expect(try fixture.file.keys().count == 1)
    }

    @Test func `No key is lost where many are added at once`() async throws {
        let file = fixture.file
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<20 {
                group.addTask { _ = try file.add(APIKey.Grant(name: "\(number)", scopes: [.infer])) }
            }
            try await group.waitForAll()
        }
        #expect(Set(try file.keys().map(\.name)) == Set((0..<20).map { "\($0)" }))
    }

    @Test func `What a writer that was killed left is replaced`() throws {
        try Data("{".utf8).write(to: URL(filePath: fixture.file.path + ".new"))
        _ = try fixture.key([.infer])
        #expect(try fixture.file.keys().count == 1)
        #expect(!FileManager.default.fileExists(atPath: fixture.file.path + ".new"))
    }

    @Test func `A symbolic link leads to the file that is changed`() throws {
        _ = try fixture.key([.infer], name: "one")
        let link = fixture.folder.appending(path: "link.json").path
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: fixture.file.path)
        _ = try KeyFile(path: link).add(APIKey.Grant(name: "two", scopes: [.infer]))
        #expect(try fixture.file.keys().map(\.name) == ["one", "two"])
    }

    @Test func `A folder that cannot be written is said to be so, with the system's reason`() throws {
        try write("")
        let path = fixture.file.path + "/keys.json"
        #expect(throws: KeyFileError.notLocked(path: path + ".lock", reason: "Not a directory")) {
            try KeyFile(path: path).add(APIKey.Grant(name: "a", scopes: [.infer]))
        }
    }

    private func mode() throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: fixture.file.path)[.posixPermissions] as? Int
    }

    @Test(arguments: [(0o600, 0o600), (0o640, 0o640), (0o644, 0o640), (0o660, 0o640)])
    func `Who could read the file still can, but for all the world`(_ mode: Int, _ expected: Int) throws {
        _ = try fixture.key([.infer])
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: fixture.file.path)
        _ = try fixture.key([.infer])
        #expect(try self.mode() == expected)
    }

    /// As when root keeps the keys of a server that runs as another user.
    @Test(.enabled(if: geteuid() == 0)) func `What root makes and changes stays the server's`() throws {
        let owner: [FileAttributeKey: Any] = [.ownerAccountID: 12345, .groupOwnerAccountID: 23456]
        func ids(of path: String) throws -> [Int] {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            return [attributes[.ownerAccountID] as? Int ?? 0, attributes[.groupOwnerAccountID] as? Int ?? 0]
        }
        try FileManager.default.setAttributes(owner, ofItemAtPath: fixture.folder.path)
        _ = try fixture.key([.infer])
        for path in [fixture.file.path, fixture.file.path + ".lock"] {
            #expect(try ids(of: path) == [12345, 23456], "\(path)")
        }
        try FileManager.default.setAttributes(
            [.ownerAccountID: 0, .groupOwnerAccountID: 34567, .posixPermissions: 0o640], ofItemAtPath: fixture.file.path
        )
        _ = try fixture.key([.infer])
        #expect(try ids(of: fixture.file.path) == [0, 34567])
        #expect(try mode() == 0o640)
    }

    @Test(.enabled(if: geteuid() == 0)) func `A folder that root makes is its parent's owner's`() throws {
        let owner: [FileAttributeKey: Any] = [.ownerAccountID: 12345, .groupOwnerAccountID: 23456]
        try FileManager.default.setAttributes(owner, ofItemAtPath: fixture.folder.path)
        let folder = fixture.folder.appending(path: "one/two")
        _ = try KeyFile(path: folder.appending(path: "keys.json").path).add(APIKey.Grant(name: "a", scopes: [.infer]))
        for url in [folder.deletingLastPathComponent(), folder, folder.appending(path: "keys.json")] {
            let attributes = try FileManager.default.attributesOfItem(atPath: url.path)
            #expect(attributes[.ownerAccountID] as? Int == 12345, "\(url.path)")
            #expect(attributes[.groupOwnerAccountID] as? Int == 23456, "\(url.path)")
        }
    }

    @Test func `A lock is not taken through a link`() throws {
        let target = fixture.folder.appending(path: "target").path
        try FileManager.default.createSymbolicLink(
            atPath: fixture.file.path + ".lock", withDestinationPath: target)
        #expect(
            throws: KeyFileError.notLocked(
                path: fixture.file.path + ".lock", reason: "Too many levels of symbolic links")
        ) { try fixture.key([.infer]) }
        #expect(!FileManager.default.fileExists(atPath: target))
    }

    @Test func `A lock that somebody keeps is not waited for for ever`() throws {
        _ = try fixture.key([.infer])
        let lock = open(fixture.file.path + ".lock", O_RDWR)
        #expect(flock(lock, LOCK_EX) == 0)
        defer { close(lock) }
        #expect(
            throws: KeyFileError.notLocked(path: fixture.file.path + ".lock", reason: "another process holds it")
        ) { try fixture.key([.infer]) }
    }

    @Test(.timeLimit(.minutes(1))) func `What is no file is not waited for`() throws {
        #expect(mkfifo(fixture.file.path, 0o600) == 0)
        let reason = "it is not a regular file"
        #expect(throws: KeyFileError.unreadable(path: fixture.file.path, reason: reason)) { try fixture.file.keys() }
        let folder = KeyFile(path: fixture.folder.path)
        #expect(throws: KeyFileError.unreadable(path: folder.path, reason: reason)) { try folder.keys() }
    }

    @Test func `A missing file is said to be missing`() {
        #expect(throws: KeyFileError.missing(path: fixture.file.path)) { try fixture.file.keys() }
        #expect(throws: KeyFileError.missing(path: fixture.file.path)) { try fixture.file.remove("a") }
        let hidden = KeyFile(path: String(repeating: "x", count: 256))
        #expect(throws: KeyFileError.unreadable(path: hidden.path, reason: "File name too long")) {
            try hidden.remove("a")
        }
        #expect(!FileManager.default.fileExists(atPath: fixture.file.path + ".lock"), "nothing is left behind")
    }

    @Test func `A file written by hand needs no share, rate or end`() throws {
        try write(Self.key())
        let key = try #require(try fixture.file.keys().first)
        #expect(key.share == 1 && key.rate == nil && key.burst == nil && key.expires == nil)
    }

    @Test(arguments: [
        ("", "not valid JSON"), ("{", "not valid JSON"), ("[]", "found an array instead"), ("{}", "'keys' is missing"),
        (#"{"keys": 3}"#, "keys: "),
        (try key(["id": nil]), "keys, number 1: 'id' is missing"),
        (try key(["scopes": ["infer", "root"]]), "keys, number 1, scopes, number 2: "),
        (try key(["id": "AB12CD34"]), "keys, number 1, id: an id is 8 lower-case letters and digits, found 'AB12CD34'"),
        (try key(["sha256": "0f"]), "keys, number 1, sha256: a SHA-256 is written as 64 hexadecimal digits"),
        (try key(["rate": "10"]), "keys, number 1, rate: a rate is written as 10/s, 600/m or 5000/h, found '10'"),
        (try key(["share": 0]), "'share' is from 1 to 1000, found 0"),
        (try key(["burst": -1]), "'burst' is from 1 to 1000000, found -1"),
        (try key(["expires": "tomorrow"]), "keys, number 1: Expected date string to be ISO8601-formatted"),
    ])
    func `A broken file is refused with where and why`(_ text: String, _ reason: String) throws {
        try write(text)
        let error = try #require(throws: KeyFileError.self) { try fixture.file.keys() }
        #expect("\(error)".hasPrefix("the key file '\(fixture.file.path)' is not as 'martlet keys' writes it: "))
        #expect("\(error)".contains(reason), "\(error)")
        #expect(throws: error) { try fixture.key([.infer]) }
        #expect(try String(contentsOfFile: fixture.file.path, encoding: .utf8) == text, "it is left as it was")
    }

    @Test func `A file with one id twice is refused`() throws {
        let key = try Self.key().dropFirst(#"{"keys":["#.count).dropLast(2)
        try write(#"{"keys":[\#(key),\#(key)]}"#)
        let error = try #require(throws: KeyFileError.self) { try fixture.file.keys() }
        #expect("\(error)".hasSuffix("two keys have the id 'ab12cd34'"))
    }
}
