import CKernels

/// How many cores this process may use: those of its affinity mask, and no more than its cgroup's CPU quota pays for.
public enum AvailableCores {
    /// At least 1; a quota of one and a half cores counts as 2.
    public static let count: Int = {
        let affinity = max(1, Int(cpu_affinity_count()))
        guard let quota = CPUQuota.ofThisProcess, quota < Double(affinity) else { return affinity }
        return max(1, Int(quota.rounded(.up)))
    }()
}
