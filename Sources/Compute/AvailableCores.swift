import CKernels
import Foundation

/// What this process may use of the machine: the processors of its affinity mask, and no more than its cgroup's CPU quota pays
/// for; a quota of one and a half counts as 2.
public enum AvailableCores {
    /// For arithmetic, at least 1: the hyper-threads of a core are one. They share its multipliers, which one thread of a kernel
    /// keeps busy: by its arithmetic, not measured on a machine that has them.
    public static let count: Int = {
        let read = { (path: String) in try? String(contentsOfFile: path, encoding: .utf8) }
        return paidFor(cores(of: allowed(), read: read))
    }()

    /// For all other work, at least 1: every hyper-thread.
    public static let processors = paidFor(allowed().count)

    private static func paidFor(_ count: Int) -> Int {
        let quota = CPUQuota.ofThisProcess.map { $0.rounded(.up) } ?? .infinity
        return max(1, Int(min(quota, Double(count))))
    }

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
