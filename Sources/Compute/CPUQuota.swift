/// The share of CPU time that Linux control groups leave to this process, in cores: 1.5 is one and a half.
///
/// Sources: the kernel's `Documentation/admin-guide/cgroup-v2.rst` (`cpu.max`) and `scheduler/sched-bwc.rst` (v1).
enum CPUQuota {
    /// The smallest quota of the process's group and those around it; `nil` where none is set.
    static var ofThisProcess: Double? {
        cores(membership: contents(of: "/proc/self/cgroup") ?? "", read: contents(of:))
    }

    /// - Parameters:
    ///   - membership: what `/proc/self/cgroup` says.
    ///   - read: a file's contents, or `nil` where there is none.
    static func cores(membership: String, read: (_ path: String) -> String?) -> Double? {
        var smallest: Double?
        for line in membership.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let isUnified = fields[0] == "0" && fields[1].isEmpty
            guard isUnified || fields[1].split(separator: ",").contains("cpu") else { continue }
            for group in ancestors(of: fields[2]) {
                let quota =
                    isUnified
                    ? read("/sys/fs/cgroup\(group)/cpu.max").flatMap(unified)
                    : legacy(
                        quota: read("/sys/fs/cgroup/cpu\(group)/cpu.cfs_quota_us"),
                        period: read("/sys/fs/cgroup/cpu\(group)/cpu.cfs_period_us"))
                if let quota { smallest = min(smallest ?? quota, quota) }
            }
        }
        return smallest
    }

    /// `cpu.max`: "max 100000", or the quota and the period in microseconds.
    private static func unified(_ text: String) -> Double? {
        let fields = text.split(whereSeparator: \.isWhitespace)
        guard fields.count == 2 else { return nil }
        return ratio(fields[0], fields[1])
    }

    /// A quota of −1 is none.
    private static func legacy(quota: String?, period: String?) -> Double? {
        guard let quota = quota?.split(whereSeparator: \.isWhitespace).first,
            let period = period?.split(whereSeparator: \.isWhitespace).first
        else { return nil }
        return ratio(quota, period)
    }

    private static func ratio(_ quota: Substring, _ period: Substring) -> Double? {
        guard let quota = Int(quota), let period = Int(period), quota > 0, period > 0 else { return nil }
        return Double(quota) / Double(period)
    }

    /// "/a/b" → "/a/b", "/a", "": inside a container the path may be the host's, and then only the root exists.
    private static func ancestors(of path: Substring) -> [String] {
        let parts = path.split(separator: "/")
        return (0...parts.count).reversed().map { count in parts.prefix(count).map { "/\($0)" }.joined() }
    }
}
