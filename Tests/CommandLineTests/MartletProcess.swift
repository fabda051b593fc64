import Foundation

/// The program that was built beside the tests, run as a user runs it, in the project's folder.
enum MartletProcess {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    struct Output {
        let status: Int32
        let text: String
        let errors: String
    }

    /// Where processes that are not told otherwise have their stores, each its own.
    private static let stores: URL = {
        atexit { try? FileManager.default.removeItem(at: MartletProcess.stores) }
        return FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
    }()

    /// Starts the program; the caller reads its pipes.
    ///
    /// - Parameter limits: arguments of the shell's ulimit for it alone, if any, and what else the shell is to do before.
    static func start(
        _ arguments: [String], limits: String? = nil, environment: [String: String] = [:]
    ) throws -> (Process, Pipe, Pipe) {
        let tests = URL(filePath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        let (process, output, errors) = (Process(), Pipe(), Pipe())
        let program = tests.deletingLastPathComponent().appending(path: "martlet")
        if let limits {
            process.executableURL = URL(filePath: "/bin/bash")
            process.arguments = ["-c", "ulimit \(limits) && exec \"$0\" \"$@\"", program.path] + arguments
        } else {
            (process.executableURL, process.arguments) = (program, arguments)
        }
        process.currentDirectoryURL = root
        process.environment = ProcessInfo.processInfo.environment
            .merging(["MARTLET_STORE": stores.appending(path: "\(UUID().uuidString)/martlet.db").path]) { $1 }
            .merging(environment) { $1 }
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        return (process, output, errors)
    }

    /// Runs it to its end. For commands whose output fits a pipe's buffer on standard error.
    static func run(_ arguments: String..., environment: [String: String] = [:]) throws -> Output {
        try run(arguments, environment: environment)
    }

    static func run(
        _ arguments: [String], limits: String? = nil, environment: [String: String] = [:]
    ) throws -> Output {
        let (process, output, errors) = try start(arguments, limits: limits, environment: environment)
        let text = output.fileHandleForReading.readDataToEndOfFile()
        let messages = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Output(
            status: process.terminationStatus, text: String(decoding: text, as: UTF8.self),
            errors: String(decoding: messages, as: UTF8.self))
    }
}
