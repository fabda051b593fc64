import Archives
import Foundation
import Testing

/// On archives that Python wrote: scripts/make_archive_fixtures.py.
struct ArchiveTests {
    private func fixture(_ name: String) throws -> [UInt8] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return [UInt8](try Data(contentsOf: folder.appending(path: "Fixtures/archives/\(name)")))
    }

    private func files(_ bytes: [UInt8], _ limits: Archive.Limits = .init()) throws -> [String: String] {
        var files: [String: String] = [:]
        try Archive(bytes, limits: limits).forEachFile {
            files[$0.path.joined(separator: "/")] = String(decoding: $0.bytes, as: UTF8.self)
        }
        return files
    }

    @Test(arguments: [
        "stored.zip", "deflated.zip", "ustar.tar", "ustar.tar.gz", "gnu.tar", "gnu.tar.gz", "pax.tar", "pax.tar.gz",
    ])
    func `Files come with their paths; folders, links and what is hidden do not`(name: String) throws {
        let bytes = try fixture(name)
        #expect(Archive.isArchive(bytes))
        let expected = [
            "road/1.jpg": "one", "bikes/mountain/2.jpg": String(repeating: "two", count: 1000), "straße/ü.jpg": "",
            "road/3": "3",
        ]
        #expect(try files(bytes) == expected)
    }

    @Test(arguments: Array(["../a.jpg", "road/../../a.jpg", "/etc/passwd", #"..\a.jpg"#, #"\a.jpg"#].enumerated()))
    func `A path that leads out of the archive is refused`(index: Int, path: String) throws {
        let bytes = try fixture("path-\(index).tar.gz")
        #expect(throws: ArchiveError.badPath(path)) { try files(bytes) }
    }

    @Test func `A bomb is stopped at the limit, whatever it says of its size`() throws {
        let bytes = try fixture("bomb.zip")
        #expect(bytes.count < 10_000)
        #expect(try files(bytes).count == 3)
        var limits = Archive.Limits()
        limits.fileBytes = 1 << 20
        #expect(throws: ArchiveError.fileTooLarge(path: "road/a", limit: 1 << 20)) { try files(bytes, limits) }
        (limits.fileBytes, limits.totalBytes) = (1 << 21, 1 << 22)
        #expect(throws: ArchiveError.tooLarge(limit: 1 << 22)) { try files(bytes, limits) }
        (limits.totalBytes, limits.entries) = (1 << 23, 2)
        #expect(throws: ArchiveError.tooManyEntries(limit: 2)) { try files(bytes, limits) }
    }

    @Test(arguments: ["hidden-bomb.zip", "hidden-bomb-streamed.zip", "hidden-bomb.tar.gz"])
    func `What is passed over counts, since it is inflated too`(name: String) throws {
        let bytes = try fixture(name)
        #expect(bytes.count < 10_000)
        #expect(try files(bytes).isEmpty)
        var limits = Archive.Limits()
        limits.totalBytes = 1 << 20
        #expect(throws: ArchiveError.tooLarge(limit: 1 << 20)) { try files(bytes, limits) }
        // Paths and a tar's headers count, too.
        limits.totalBytes = 8 << 20
        #expect(throws: ArchiveError.tooLarge(limit: 8 << 20)) { try files(bytes, limits) }
    }

    @Test(arguments: ["twice.tar.gz", "zip.gz"])
    func `Of what is compressed twice nothing is inflated but the first`(name: String) throws {
        #expect {
            try files(fixture(name))
        } throws: { error in
            if case .unreadable? = error as? ArchiveError { true } else { false }
        }
    }

    @Test func `Headers without end are refused before they fill the memory`() throws {
        #expect(
            throws: ArchiveError.unreadable(reason: "its headers are longer than \(4 << 20) bytes")
        ) { try files(fixture("sparse-bomb.tar.gz")) }
    }

    @Test func `Entries that lie upon one another are refused: each would be inflated anew`() throws {
        #expect(throws: ArchiveError.unreadable(reason: "its entries overlap")) { try files(fixture("overlap.zip")) }
    }

    @Test(arguments: ["bomb.zip", "hidden-bomb.zip", "hidden-bomb.tar.gz"])
    func `The reading ends between any two blocks`(name: String) throws {
        let archive = Archive(try fixture(name))
        var all = 0
        try archive.forEachFile(check: { all += 1 }, { _ in })
        // 64 KiB each.
        #expect(all >= (name == "bomb.zip" ? 6 << 20 : 8 << 20) / (1 << 16))
        for end in [1, 2, all / 2, all] {
            var checks = 0
            #expect(throws: CancellationError.self) {
                try archive.forEachFile(
                    check: {
                        checks += 1
                        if checks == end { throw CancellationError() }
                    }, { _ in })
            }
            #expect(checks == end)
        }
    }

    @Test(arguments: ["deflated.zip", "pax.tar.gz", "gnu.tar"])
    func `A damaged archive never gives a part of a file, nor a crash`(name: String) throws {
        let bytes = try fixture(name)
        let whole = try files(bytes)
        for count in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 500)) {
            // The list at the archive's end may be missing, but never a part of a file.
            for (path, content) in (try? files(Array(bytes[..<count]))) ?? [:] {
                #expect(whole[path] == content, "\(path) of \(count) bytes")
            }
        }
        for index in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 2000)) {
            var damaged = bytes
            damaged[index] ^= 0x55
            _ = try? files(damaged)
        }
    }

    @Test(arguments: ["hidden-bomb-streamed.zip", "sparse-bomb.tar.gz", "overlap.zip", "twice.tar.gz"])
    func `A damaged attack crashes nothing either`(name: String) throws {
        let bytes = try fixture(name)
        for index in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 200)) {
            _ = try? files(Array(bytes[..<index]))
            var damaged = bytes
            damaged[index] ^= 0x55
            _ = try? files(damaged)
        }
    }

    @Test func `Other bytes are no archive`() {
        for text in ["", "PK", "hello", "Rar!\u{1a}\u{7}\u{1}", "7z\u{bc}\u{af}"] {
            #expect(throws: ArchiveError.self) { try files(Array(text.utf8)) }
            #expect(!Archive.isArchive(Array(text.utf8)))
        }
    }
}
