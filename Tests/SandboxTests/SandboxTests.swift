import CSandbox
import Foundation
import Testing

/// What a process in the sandbox can and cannot do, tried by a process in one (Tests/SandboxProbe).
struct SandboxTests {
    private func probe(
        _ attempt: String, _ phase: String = "starting"
    ) throws -> (status: Int32, reason: Process.TerminationReason, text: String) {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        let folders = ["models", "store", "sockets"].map { folder.appending(path: $0) }
        for folder in folders {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data("x".utf8).write(to: folder.appending(path: "file"))
        }
        for (name, target) in [("loop", "loop"), ("pipe", "/proc/self/fd/1")] {
            try FileManager.default.createSymbolicLink(
                atPath: folders[0].appending(path: name).path, withDestinationPath: target)
        }
        let sockets = try [("socket", SOCK_STREAM), ("datagrams", SOCK_DGRAM)].map { name, type in
            try UnixSocket(type, path: folders[0].appending(path: name).path)
        }
        let tests = URL(filePath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        let (process, output) = (Process(), Pipe())
        process.executableURL = tests.deletingLastPathComponent().appending(path: "sandbox-probe")
        process.arguments = folders.map(\.path) + [phase, attempt]
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        withExtendedLifetime(sockets) {}
        return (process.terminationStatus, process.terminationReason, text.trimmingCharacters(in: .newlines))
    }

    @Test(
        .enabled(if: Kernel.landlockVersion >= 1),
        arguments: [
            ("read", 0), ("write to the store", 0), ("rename in the store", 0),
            ("lock the folder of sockets", 0), ("read beside the sockets", EACCES),
            ("write beside the sockets", EACCES),
            ("write beside the models", EACCES), ("overwrite a model", EACCES), ("delete a model", EACCES),
            ("read elsewhere", EACCES), ("write elsewhere", EACCES), ("write its memory by its file", EACCES),
        ]) func onlyTheFilesThatServingNeedsAreThere(_ attempt: String, _ expected: Int32) throws
    {
        #expect(try probe(attempt).text == "\(expected)")
    }

    @Test(
        .enabled(if: Kernel.landlockVersion >= 4),
        arguments: [("listen on a free port", 0), ("listen on another port", EACCES), ("connect", EACCES)]
    ) func onlyTheListenersPortsAreThere(_ attempt: String, _ expected: Int32) throws {
        #expect(try probe(attempt).text == "\(expected)")
    }

    @Test(.enabled(if: Kernel.landlockVersion >= 1)) func threadsStartedLaterAreInItToo() throws {
        #expect(try probe("a thread").status == EACCES)
    }

    @Test(.enabled(if: Kernel.hasSeccomp), arguments: ["execute", "change the user"])
    func whatNoServerDoesEndsTheProcess(_ attempt: String) throws {
        let end = try probe(attempt)
        #expect(end.reason == .uncaughtSignal && end.status == SIGSYS, "\(end)")
    }

    @Test(
        .enabled(if: Kernel.hasSeccomp),
        arguments: [
            "a packet socket", "a raw socket", "a multipath socket", "start a program", "signal another process",
            "see another's limits", "type into a terminal", "run TCP under another protocol",
        ]) func someCallsAreThoseOfNoKernel(_ attempt: String) throws
    {
        #expect(try probe(attempt).text == "\(ENOSYS)")
    }

    /// It would reach what Landlock and the filter deny to connect(2), and Unix sockets that take datagrams.
    @Test(.enabled(if: Kernel.hasSeccomp), arguments: ["starting", "serving"])
    func sendingOpensNoConnection(_ phase: String) throws {
        for attempt in ["connect by sending a message", "send a message to a Unix socket"] {
            #expect(try probe(attempt, phase).text == "\(ENOSYS)", "\(attempt)")
        }
        #expect(try probe("connect by sending", phase).text == "\(phase == "serving" ? EPERM : ENOSYS)")
    }

    @Test(
        .enabled(if: Kernel.hasSeccomp),
        arguments: [
            "send another process a file's signals", "send another process a socket's signals",
            "choose a file's signal", "set another's processors", "set another's priority",
            "set its group's priority", "set another's scheduling",
        ]) func otherProcessesAreLeftAlone(_ attempt: String) throws
    {
        #expect(try probe(attempt).text == "\(ENOSYS)")
    }

    @Test(
        .enabled(if: Kernel.hasSeccomp),
        arguments: [
            "a new socket", "connect", "connect to a Unix socket", "send a datagram",
            "send a datagram to a Unix socket", "receive a message", "change a mode", "touch",
            "let others run a file as this user", "make a file that others run as this user",
        ]) func whatOnlyStartingNeedsIsGivenUpOnceItListens(_ attempt: String) throws
    {
        #expect(try probe(attempt, "serving").text == "\(EPERM)")
    }

    @Test(
        arguments: [
            "connect to a Unix socket", "change a mode", "touch", "see its own limits", "set its own priority",
        ])
    func startingCan(_ attempt: String) throws {
        #expect(try probe(attempt, "starting").text == "0")
    }

    @Test(
        arguments: [
            "write to the store", "change an open file's mode", "see its own limits", "set its own priority",
            "tell its supervisor",
        ])
    func servingStillCan(_ attempt: String) throws {
        #expect(try probe(attempt, "serving").text == "0")
    }

    /// Root has them all; others have none to keep.
    @Test func ofRootsCapabilitiesTwoAreLeft() throws {
        // CAP_DAC_OVERRIDE is 1, CAP_NET_BIND_SERVICE is 10.
        let left: UInt64 = 1 << 1 | 1 << 10
        let sets = try probe("capabilities").text.matches(of: /Cap(Inh|Prm|Eff|Amb):\s+([0-9a-f]{16})/)
        #expect(sets.count == 4)
        for set in sets {
            let capabilities = try #require(UInt64(set.2, radix: 16))
            #expect(capabilities & ~left == 0, "\(set.0)")
        }
    }

    @Test func itSaysWhatIsInForce() throws {
        let landlock = Kernel.landlockVersion >= 1 ? "landlock \(Kernel.landlockVersion)" : "no landlock ("
        let text = try probe("restrictions").text
        #expect(text.hasPrefix("no new privileges, few capabilities, \(landlock)"), "\(text)")
        #expect(text.hasSuffix(", seccomp") == Kernel.hasSeccomp, "\(text)")
        let serving = try probe("restrictions", "serving").text
        #expect(serving.hasSuffix(", seccomp, seccomp once it listens") == Kernel.hasSeccomp, "\(serving)")
    }
}

/// What the kernel says that it has.
private enum Kernel {
    static let landlockVersion = csandbox_landlock_version()

    static let hasSeccomp =
        (try? String(contentsOfFile: "/proc/sys/kernel/seccomp/actions_avail", encoding: .utf8))?
        .contains("kill_process") == true
}

/// A Unix socket that listens, or takes datagrams.
private final class UnixSocket {
    private let descriptor: Int32

    init(_ type: __socket_type, path: String) throws {
        descriptor = socket(AF_UNIX, Int32(type.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0 && (type == SOCK_DGRAM || listen(descriptor, 10) == 0))
    }

    deinit { close(descriptor) }
}
