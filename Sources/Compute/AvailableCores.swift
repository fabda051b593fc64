import CKernels
import Foundation

/// How many cores this process may use: those of its affinity mask, and no more than its cgroup's CPU quota pays for. The
/// hyper-threads of a core are one: they share its multipliers, which one thread of a kernel keeps busy.
public enum AvailableCores {
    /// At least 1; a quota of one and a half cores counts as 2.
    public static let count: Int = {
        let read = { (path: String) in try? String(contentsOfFile: path, encoding: .utf8) }
        let cores = max(1, Self.cores(of: allowed(), read: read))
        guard let quota = CPUQuota.ofThisProcess, quota < Double(cores) else { return cores }
        return max(1, Int(quota.rounded(.up)))
    }()

    /// The cores that these processors are threads of.
    ///
    /// Source: the kernel's `Documentation/admin-guide/cputopology.rst` (`thread_siblings_list`, the name that all kernels know).
    ///
    /// - Parameter read: a file's contents, or `nil` where there is none: then a processor counts as a core.
    static func cores(of processors: [Int], read: (_ path: String) -> String?) -> Int {
        Set(
            processors.map { processor in
                let list = read("/sys/devices/system/cpu/cpu\(processor)/topology/thread_siblings_list")
                return list?.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? "\(processor)"
            }
        ).count
    }

    private static func allowed() -> [Int] {
        let most: Int32 = 1 << 15
        return [Int32](unsafeUninitializedCapacity: Int(most)) { buffer, count in
            count = buffer.baseAddress.map { Int(cpu_affinity($0, most)) } ?? 0
        }.map(Int.init)
    }
}
