import Testing

@testable import Compute

@Suite struct CPUQuotaTests {
    @Test("version 2: the quota divided by the period")
    func unified() {
        #expect(cores("0::/a\n", ["/sys/fs/cgroup/a/cpu.max": "150000 100000\n"]) == 1.5)
    }

    @Test("version 2: a group without a limit leaves it to those around it")
    func ancestors() {
        let files = [
            "/sys/fs/cgroup/a/b/cpu.max": "max 100000\n", "/sys/fs/cgroup/a/cpu.max": "400000 100000\n",
            "/sys/fs/cgroup/cpu.max": "200000 100000\n",
        ]
        #expect(cores("0::/a/b\n", files) == 2)
    }

    @Test("version 2: no limit anywhere is no quota")
    func unlimited() {
        #expect(cores("0::/\n", ["/sys/fs/cgroup/cpu.max": "max 100000\n"]) == nil)
        #expect(cores("0::/\n", [:]) == nil)
    }

    @Test("version 1: the cpu controller's files, at the root where the host's path is not visible")
    func legacy() {
        let files = [
            "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "250000\n", "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
        ]
        #expect(cores("12:memory:/x\n4:cpu,cpuacct:/docker/abc\n", files) == 2.5)
    }

    @Test("version 1: a quota of −1 is none")
    func legacyUnlimited() {
        let files = [
            "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n", "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
        ]
        #expect(cores("4:cpu:/\n", files) == nil)
    }

    @Test("nonsense is no quota", arguments: ["", "x y", "1", "0 100000", "100000 0", "1 2 3"])
    func nonsense(text: String) {
        #expect(cores("0::/\nbroken\n", ["/sys/fs/cgroup/cpu.max": text]) == nil)
    }

    private func cores(_ membership: String, _ files: [String: String]) -> Double? {
        CPUQuota.cores(membership: membership) { files[$0] }
    }
}
