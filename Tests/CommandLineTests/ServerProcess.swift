import Foundation
import FoundationNetworking
import Testing

/// `martlet serve` on a free port, asked over a real socket.
struct ServerProcess {
    let process: Process
    let address: URL
    /// What it writes on standard error.
    let log: Pipe

    /// Returns when it listens, unless it is told not to wait.
    init(_ options: [String] = [], environment: [String: String] = [:], isAnnounced: Bool = true) throws {
        let (process, output, log) = try MartletProcess.start(
            ["serve"] + (options.contains("--port") ? [] : ["--port", "0"]) + options, environment: environment)
        guard isAnnounced else {
            (self.process, self.log, address) = (process, log, URL(filePath: "/"))
            return
        }
        var announcement = ""
        while !announcement.contains("/classify") {
            let data = output.fileHandleForReading.availableData
            try #require(!data.isEmpty, "it ended after: \(announcement)")
            announcement += String(decoding: data, as: UTF8.self)
        }
        let address = try #require(announcement.firstMatch(of: /https?:\/\/[0-9.:]+/)?.output)
        self.process = process
        self.log = log
        self.address = try #require(URL(string: String(address)))
    }

    /// What it has logged next.
    func nextLog() throws -> String {
        let data = log.fileHandleForReading.availableData
        try #require(!data.isEmpty, "it ended")
        return String(decoding: data, as: UTF8.self)
    }

    func kill() {
        if process.isRunning { Foundation.kill(process.processIdentifier, SIGKILL) }
    }

    func ask(
        _ method: String, _ target: String, _ body: Data = Data(), _ fields: [String: String] = [:]
    ) async throws -> (status: Int, json: [String: Any]) {
        var request = URLRequest(url: try #require(URL(string: "\(address)\(target)")))
        request.httpMethod = method
        request.timeoutInterval = 120
        for (name, value) in fields { request.setValue(value, forHTTPHeaderField: name) }
        if !body.isEmpty { request.httpBody = body }
        let (data, response) = try await URLSession.shared.data(for: request)
        let json = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
        return ((response as? HTTPURLResponse)?.statusCode ?? 0, json ?? [:])
    }
}

extension Process {
    /// Returns when the process has ended. Not `waitUntilExit`, which would hold one of the few threads of Swift's tasks.
    func ended() async throws {
        while isRunning { try await Task.sleep(for: .milliseconds(5)) }
    }
}
