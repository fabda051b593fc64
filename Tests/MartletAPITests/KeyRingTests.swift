import Foundation
import Logging
import Testing

@testable import MartletAPI

struct KeyRingTests {
    private let fixture: KeyFixture
    private let log = RecordingLog()

    init() throws { fixture = try KeyFixture() }

    private func ring(isRequired: Bool = false) throws -> KeyRing {
        try KeyRing(fixture.file, isRequired: isRequired, logger: Logger(label: "test") { [log] _ in log })
    }

    private var logged: [String] { log.recorded.lines.withLock { $0 } }

    private var errors: [String] { logged.filter { $0.hasPrefix("error: ") } }

    private func isValid(_ key: KeyText, _ ring: KeyRing) -> Bool {
        if case .valid(let entry) = ring.verdict(on: key.text) { entry.key.id == key.id } else { false }
    }

    @Test func `Without a file no key is asked for, until there is one`() async throws {
        let ring = try ring()
        #expect(!ring.isInForce)
        await ring.look()
        #expect(!ring.isInForce && logged.isEmpty)
        let key = try fixture.key([.infer])
        await ring.look()
        #expect(ring.isInForce && isValid(key, ring))
    }

    @Test func `A file that must be there is missed`() throws {
        #expect(throws: KeyFileError.missing(path: fixture.file.path)) { try ring(isRequired: true) }
    }

    @Test func `A broken file is refused at start`() throws {
        try Data("{".utf8).write(to: URL(filePath: fixture.file.path))
        #expect(throws: KeyFileError.self) { try ring() }
    }

    @Test func `Keys that are added and removed while it runs are seen`() async throws {
        let first = try fixture.key([.infer])
        let ring = try ring()
        let second = try fixture.key([.infer])
        #expect(isValid(first, ring) && !isValid(second, ring))
        await ring.look()
        #expect(isValid(first, ring) && isValid(second, ring))
        _ = try fixture.file.remove(first.id)
        await ring.look()
        #expect(!isValid(first, ring) && isValid(second, ring))
    }

    @Test func `A file that is broken or gone leaves the keys as they were, and the log says it once`() async throws {
        let key = try fixture.key([.infer])
        let ring = try ring()
        try Data("{".utf8).write(to: URL(filePath: fixture.file.path))
        for _ in 0..<3 { await ring.look() }
        #expect(ring.isInForce && isValid(key, ring))
        #expect(errors.count == 1 && errors[0].hasSuffix("; the keys that were read before stay valid"), "\(logged)")
        try FileManager.default.removeItem(atPath: fixture.file.path)
        for _ in 0..<3 { await ring.look() }
        #expect(ring.isInForce && isValid(key, ring))
        #expect(errors.count == 2 && errors[1].contains("is gone"), "\(logged)")
    }

    @Test func `A file that comes broken lets nobody in`() async throws {
        let ring = try ring()
        try Data("{".utf8).write(to: URL(filePath: fixture.file.path))
        await ring.look()
        #expect(ring.isInForce)
    }

    /// As in a folder that the server may not search, which root may.
    private func hide() throws {
        try FileManager.default.createSymbolicLink(
            atPath: fixture.file.path, withDestinationPath: fixture.file.path)
    }

    private var hidden: KeyFileError {
        .unreadable(path: fixture.file.path, reason: "Too many levels of symbolic links")
    }

    @Test(arguments: [true, false])
    func `A file that may be there, but cannot be looked at, is refused at start`(_ isRequired: Bool) throws {
        try hide()
        #expect(throws: hidden) { try ring(isRequired: isRequired) }
    }

    @Test func `Where it cannot be known whether there is a file, nobody gets in, and the log says it once`()
        async throws
    {
        let ring = try ring()
        try hide()
        for _ in 0..<3 { await ring.look() }
        #expect(ring.isInForce)
        #expect(errors == ["error: \(hidden); no key is valid"], "\(logged)")
        try FileManager.default.removeItem(atPath: fixture.file.path)
        let key = try fixture.key([.infer])
        await ring.look()
        #expect(isValid(key, ring))
        let aside = fixture.file.path + ".aside"
        try FileManager.default.moveItem(atPath: fixture.file.path, toPath: aside)
        try hide()
        for _ in 0..<3 { await ring.look() }
        #expect(isValid(key, ring))
        #expect(errors.count == 2 && errors[1] == "error: \(hidden); the keys that were read before stay valid")
    }

    @Test func `There is no file in what is no folder`() async throws {
        try Data().write(to: URL(filePath: fixture.file.path))
        let file = KeyFile(path: fixture.file.path + "/keys.json")
        let ring = try KeyRing(file, isRequired: false, logger: .silent)
        await ring.look()
        #expect(!ring.isInForce)
    }

    @Test func `A file whose mode or owner changes is read again: it may have become readable`() async throws {
        _ = try fixture.key([.infer])
        let ring = try ring()
        await ring.look()
        #expect(logged.count == 1, "\(logged)")
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: fixture.file.path)
        await ring.look()
        #expect(logged.count == 2, "\(logged)")
    }

    @Test func `A file without keys lets nobody in, and the log says so`() throws {
        _ = try fixture.key([.infer], name: "last")
        _ = try fixture.file.remove("last")
        #expect(try ring().isInForce)
        #expect(logged.contains { $0.hasPrefix("warning: ") && $0.contains("has no key") })
    }

    @Test(arguments: [(0o600, false), (0o640, false), (0o644, true), (0o620, true), (0o602, true)])
    func `A file that others can read or change is warned of`(_ mode: Int, _ isWarned: Bool) throws {
        _ = try fixture.key([.infer])
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: fixture.file.path)
        _ = try ring()
        #expect(logged.contains { $0.hasPrefix("warning: ") && $0.contains("chmod 600") } == isWarned)
    }

    @Test func `A secret is good for its own key only`() throws {
        let (one, two) = (try fixture.key([.infer]), try fixture.key([.infer]))
        let ring = try ring()
        for text in [
            "martlet_\(one.id)_\(two.secret)", "martlet_zzzzzzzz_\(one.secret)", one.text + " ", "",
            "martlet_\(one.id)_",
        ] {
            guard case .invalid = ring.verdict(on: text) else {
                Issue.record("'\(text)' is taken")
                continue
            }
        }
        #expect(isValid(one, ring) && isValid(two, ring))
    }

    @Test func `A key is good until the moment it expires`() throws {
        let end = Date(timeIntervalSince1970: 2_000_000_000)
        let key = try fixture.key([.infer], expires: end)
        let ring = try ring()
        let wrong = "martlet_\(key.id)_\(KeyText.random().secret)"
        let verdicts = [
            ring.verdict(on: key.text, now: end - 1), ring.verdict(on: key.text, now: end),
            ring.verdict(on: wrong, now: end),
        ].map { verdict in
            switch verdict {
            case .valid: "valid"
            case .expired: "expired"
            case .invalid: "invalid"
            }
        }
        #expect(verdicts == ["valid", "expired", "invalid"])
    }
}
