import Foundation
import Testing

/// What a process in the sandbox can and cannot do, tried by a process in one (Tests/SandboxProbe). On a kernel without
/// Landlock or seccomp there is nothing to try.
struct SandboxTests {
    private func probe(_ attempt: String) throws -> (status: Int32, reason: Process.TerminationReason, text: String) {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        let folders = ["models", "store"].map { folder.appending(path: $0) }
        for folder in folders {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data("x".utf8).write(to: folder.appending(path: "file"))
        }
        let tests = URL(filePath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        let (process, output) = (Process(), Pipe())
        process.executableURL = tests.deletingLastPathComponent().appending(path: "sandbox-probe")
        process.arguments = folders.map(\.path) + [attempt]
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, process.terminationReason, text.trimmingCharacters(in: .newlines))
    }

    private func landlockVersion() throws -> Int {
        Int(try probe("restrictions").text.firstMatch(of: /(?:^|, )landlock ([0-9]+)/)?.1 ?? "0") ?? 0
    }

    @Test(arguments: [
        ("read", 1, 0), ("write to the store", 1, 0), ("rename in the store", 1, 0), ("listen on a free port", 1, 0),
        ("write beside the models", 1, EACCES), ("overwrite a model", 1, EACCES), ("delete a model", 1, EACCES),
        ("read elsewhere", 1, EACCES),
        ("write elsewhere", 1, EACCES), ("listen on another port", 4, EACCES),
        ("connect", 4, EACCES), ("signal another process", 6, EPERM),
    ]) func landlockAllowsWhatServingNeeds(_ attempt: String, since version: Int, _ expected: Int32) throws {
        guard try landlockVersion() >= version else { return }
        #expect(try probe(attempt).text == "\(expected)")
    }

    @Test func threadsStartedLaterAreInItToo() throws {
        guard try landlockVersion() > 0 else { return }
        #expect(try probe("a thread").status == EACCES)
    }

    @Test(arguments: ["execute", "change the user"]) func whatNoServerDoesEndsTheProcess(_ attempt: String) throws {
        guard try probe("restrictions").text.hasSuffix(", seccomp") else { return }
        let end = try probe(attempt)
        #expect(end.reason == .uncaughtSignal && end.status == SIGSYS, "\(end)")
    }

    @Test(arguments: ["a raw socket", "start a program"]) func someCallsAreThoseOfNoKernel(_ attempt: String) throws {
        guard try probe("restrictions").text.hasSuffix(", seccomp") else { return }
        #expect(try probe(attempt).text == "\(ENOSYS)")
    }

    @Test func itSaysWhatIsInForce() throws {
        #expect(
            try probe("restrictions").text.wholeMatch(
                of: /no new privileges, (landlock [0-9]+|no landlock \(.+\)), (seccomp|no seccomp \(.+\))/) != nil)
    }
}
