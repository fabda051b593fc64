import Archives
import Foundation
import Testing

struct ArchiveTests {
    /// An archive made by Python's own modules: `lines` write to `archive`, a path.
    private func archive(_ name: String, _ lines: String) throws -> [UInt8] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "archives-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: name)
        let python = Process()
        python.executableURL = URL(filePath: "/usr/bin/env")
        python.arguments = [
            "python3", "-c", "import io, sys, tarfile, zipfile\narchive = sys.argv[1]\n" + lines, path.path(),
        ]
        try python.run()
        python.waitUntilExit()
        try #require(python.terminationStatus == 0)
        return [UInt8](try Data(contentsOf: path))
    }

    private func files(_ bytes: [UInt8], _ limits: Archive.Limits = .init()) throws -> [String: String] {
        var files: [String: String] = [:]
        try Archive(bytes, limits: limits).forEachFile {
            files[$0.path.joined(separator: "/")] = String(decoding: $0.bytes, as: UTF8.self)
        }
        return files
    }

    private static let members = """
        members = {"road/1.jpg": b"one", "bikes/mountain/2.jpg": b"two" * 100000, "straße/ü.jpg": b"", "./road/3": b"3",
                   ".DS_Store": b"x", "road/.hidden": b"x", "__MACOSX/road/1.jpg": b"x"}

        """

    private static let expected = [
        "road/1.jpg": "one", "bikes/mountain/2.jpg": String(repeating: "two", count: 100_000), "straße/ü.jpg": "",
        "road/3": "3",
    ]

    @Test(arguments: ["ZIP_STORED", "ZIP_DEFLATED"])
    func `Files of a zip archive come with their paths`(method: String) throws {
        let bytes = try archive(
            "a.zip",
            Self.members + """
                with zipfile.ZipFile(archive, "w", zipfile.\(method)) as target:
                    target.mkdir("empty") if hasattr(target, "mkdir") else None
                    for name, content in members.items(): target.writestr(name, content)
                """)
        #expect(Archive.isArchive(bytes))
        #expect(try files(bytes) == Self.expected)
    }

    @Test(arguments: ["w", "w:gz"], ["USTAR_FORMAT", "GNU_FORMAT", "PAX_FORMAT"])
    func `Files of a tar archive come with their paths, links and folders do not`(mode: String, format: String) throws {
        let bytes = try archive(
            "a.tar",
            Self.members + """
                with tarfile.open(archive, "\(mode)", format=tarfile.\(format)) as target:
                    for kind in tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE:
                        member = tarfile.TarInfo("other" + kind.decode())
                        member.type, member.linkname = kind, "/etc/passwd"
                        target.addfile(member)
                    for name, content in members.items():
                        member = tarfile.TarInfo(name)
                        member.size = len(content)
                        target.addfile(member, io.BytesIO(content))
                """)
        #expect(Archive.isArchive(bytes))
        #expect(try files(bytes) == Self.expected)
    }

    @Test(arguments: ["../a.jpg", "road/../../a.jpg", "/etc/passwd", "..\\\\a.jpg", "\\\\a.jpg"])
    func `A path that leads out of the archive is refused`(path: String) throws {
        let bytes = try archive(
            "a.tar",
            """
            with tarfile.open(archive, "w") as target: target.addfile(tarfile.TarInfo("\(path)"))
            """)
        #expect(throws: ArchiveError.badPath(path.replacing("\\\\", with: "\\"))) { try files(bytes) }
    }

    @Test func `A bomb is stopped at the limit, whatever it says of its size`() throws {
        let bytes = try archive(
            "a.zip",
            """
            with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
                for name in "abc": target.writestr("road/" + name, bytes(1 << 24))
            """)
        #expect(bytes.count < 100_000)
        var limits = Archive.Limits()
        limits.fileBytes = 1 << 20
        #expect(throws: ArchiveError.fileTooLarge(path: "road/a", limit: 1 << 20)) { try files(bytes, limits) }
        (limits.fileBytes, limits.totalBytes) = (1 << 24, 1 << 25)
        #expect(throws: ArchiveError.tooLarge(limit: 1 << 25)) { try files(bytes, limits) }
        (limits.totalBytes, limits.entries) = (1 << 26, 2)
        #expect(throws: ArchiveError.tooManyEntries(limit: 2)) { try files(bytes, limits) }
    }

    @Test func `A damaged archive never gives a part of a file, nor a crash`() throws {
        let bytes = try archive(
            "a.zip",
            """
            with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
                target.writestr("road/1.jpg", bytes(range(256)) * 3)
            """)
        let whole = try files(bytes)
        #expect(whole["road/1.jpg"]?.isEmpty == false)
        for count in bytes.indices {
            // The list at the archive's end may be missing, but never a part of a file.
            if let found = try? files(Array(bytes[..<count])) {
                #expect(found == whole || count == 0, "\(count) bytes")
            }
        }
        for index in bytes.indices {
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
