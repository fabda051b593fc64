import Foundation
import Testing

@testable import ModelFormats

struct FileContentsTests {
    /// A mapped file would end the process with SIGBUS here.
    @Test func aFileThatIsTruncatedAfterItWasReadChangesNothing() throws {
        try withTemporaryFolder { folder in
            let path = folder.appending(path: "weights").path
            let floats = (0..<100_000).map(Float.init)
            try floats.withUnsafeBytes { Data($0) }.write(to: URL(filePath: path))
            let tensor = try FileContents(path: path).bytes.tensor(shape: [floats.count])
            try #require(truncate(path, 0) == 0)
            #expect(tensor.values == floats)
        }
    }

    /// Linux calls every file of /sys 4096 bytes long and ends most of them after a few: a file that shrinks meanwhile.
    @Test func aFileThatEndsBeforeItsSizeIsRefusedWithBothSizes() throws {
        let path = "/sys/devices/system/cpu/online"
        let size = try Data(contentsOf: URL(filePath: path)).count
        let expected = ModelFormatError.malformed(
            file: path, location: "file", expected: "4096 bytes, its size when it was opened",
            found: "\(size): it became shorter while it was read")
        #expect(throws: expected) { try FileContents(path: path) }
    }

    @Test func aLargerFileThanTheLimitIsRefusedBeforeMemoryIsAllocated() throws {
        try withTemporaryFolder { folder in
            let path = folder.appending(path: "sparse").path
            try #require(FileManager.default.createFile(atPath: path, contents: nil) && truncate(path, 1 << 40) == 0)
            #expect { try FileContents(path: path) } throws: { error in
                [path, "\(1 << 40) bytes", "\(FileContents.sizeLimit)"].allSatisfy("\(error)".contains)
            }
        }
    }

    @Test func anEmptyFileHasNoBytes() throws {
        try withTemporaryFolder { folder in
            let path = folder.appending(path: "empty").path
            try #require(FileManager.default.createFile(atPath: path, contents: nil))
            #expect(try FileContents(path: path).bytes.copy.isEmpty)
        }
    }

    @Test func whatIsNoFileIsRefusedAtOnce() throws {
        try withTemporaryFolder { folder in
            let pipe = folder.appending(path: "pipe").path
            try #require(mkfifo(pipe, 0o600) == 0)
            for (path, reason) in [
                (folder.path, "not a regular file"), (pipe, "not a regular file"),
                (folder.appending(path: "none").path, "cannot open: No such file or directory"),
            ] {
                #expect(throws: ModelFormatError.unreadable(file: path, reason: reason)) {
                    try FileContents(path: path)
                }
            }
        }
    }
}
