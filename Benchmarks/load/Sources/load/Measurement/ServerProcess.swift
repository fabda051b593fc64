import FoundationEssentials
import Glibc

/// A process on this machine, as `/proc` shows it (proc(5)).
struct ServerProcess: Sendable {
    let pid: Int

    /// `VmRSS` of `/proc/PID/status`.
    func residentBytes() throws(LoadError) -> Int {
        let status = try read("status")
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") }),
            let number = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first,
            let kilobytes = Int(number)
        else { throw LoadError("/proc/\(pid)/status: expected VmRSS in kB, found none") }
        return kilobytes * 1024
    }

    /// `utime` + `stime` of `/proc/PID/stat`, whose unit is the clock tick, 10 ms.
    func cpuSeconds() throws(LoadError) -> Double {
        let stat = try read("stat")
        // The name, in parentheses, may hold spaces; after it the fields count from the third.
        let fields = stat[(stat.lastIndex(of: ")") ?? stat.startIndex)...].split(separator: " ").dropFirst()
        let times = fields.dropFirst(11).prefix(2).compactMap { Int($0) }
        guard times.count == 2 else { throw LoadError("/proc/\(pid)/stat: expected utime and stime, found \(stat)") }
        return Double(times[0] + times[1]) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// The process' CPU time once it has used less than 2 % of a core for a second.
    func cpuSecondsWhenIdle() throws(LoadError) -> Double {
        let limit = Monotonic.now() + Monotonic.nanoseconds(120)
        var before = try cpuSeconds()
        while Monotonic.now() < limit {
            Monotonic.sleep(until: Monotonic.now() + Monotonic.nanoseconds(1))
            let now = try cpuSeconds()
            if now - before < 0.02 { return now }
            before = now
        }
        throw LoadError("process \(pid): expected it to become idle within 120 s")
    }

    private func read(_ name: String) throws(LoadError) -> String {
        let path = "/proc/\(pid)/\(name)"
        guard let bytes = try? Data(contentsOf: URL(filePath: path)) else { throw LoadError("\(path): cannot be read") }
        return String(decoding: bytes, as: UTF8.self)
    }
}
