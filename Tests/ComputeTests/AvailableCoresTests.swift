import Foundation
import Testing

@testable import Compute

@Suite struct AvailableCoresTests {
    /// What Linux says of a machine whose processors `0 … count − 1` are two threads of each core.
    private func siblings(_ list: @escaping (Int) -> String?) -> (String) -> String? {
        { path in
            guard let processor = path.firstMatch(of: /cpu(\d+)/).flatMap({ Int($0.1) }),
                path == "/sys/devices/system/cpu/cpu\(processor)/topology/thread_siblings_list"
            else {
                Issue.record("read \(path)")
                return nil
            }
            return list(processor)
        }
    }

    @Test("the hyper-threads of a core are one, however they are numbered")
    func siblings() {
        let apart = siblings { "\($0 % 4),\($0 % 4 + 4)\n" }
        #expect(AvailableCores.cores(of: Array(0..<8), read: apart) == 4)
        let beside = siblings { "\($0 / 2 * 2)-\($0 / 2 * 2 + 1)\n" }
        #expect(AvailableCores.cores(of: Array(0..<8), read: beside) == 4)
    }

    @Test("of a mask, the cores that it has a thread of")
    func mask() {
        let apart = siblings { "\($0 % 4),\($0 % 4 + 4)\n" }
        #expect(AvailableCores.cores(of: [1, 2, 5], read: apart) == 2)
        #expect(AvailableCores.cores(of: [3], read: apart) == 1)
    }

    @Test("where the system does not say, a processor is a core", arguments: [nil, "", "\n"])
    func unknown(list: String?) {
        #expect(AvailableCores.cores(of: [0, 1, 7], read: siblings { _ in list }) == 3)
    }

    @Test("there is at least one, and not more than the machine has")
    func ofThisProcess() {
        #expect((1...max(1, ProcessInfo.processInfo.processorCount)).contains(AvailableCores.processors))
        #expect((1...AvailableCores.processors).contains(AvailableCores.count))
    }
}
