import CKernels
import Compute
import Testing

@Suite struct KernelTableTests {
    @Test("without a wish the fastest available table is chosen")
    func fastest() throws {
        #expect(try KernelTable.select(named: nil).name == KernelTable.available[0])
        #expect(try KernelTable.select(named: "").name == KernelTable.available[0])
    }

    @Test("the portable table is available everywhere")
    func portable() throws {
        #expect(KernelTable.available.last == "portable")
        #expect(try KernelTable.select(named: "portable").name == "portable")
    }

    @Test("an unknown name is refused, with the known ones")
    func unknown() {
        #expect(throws: ComputeError.unknownKernels(name: "avx1024", known: ["avx512", "avx2", "portable"])) {
            try KernelTable.select(named: "avx1024")
        }
        #expect(KernelTable(named: "avx1024") == nil)
    }

    @Test("the error message names the variable, what it holds and what it may hold")
    func message() {
        let error = ComputeError.unavailableKernels(name: "avx512", available: ["portable"])
        #expect(error.description.contains("MARTLET_ISA) is \"avx512\""))
        #expect(error.description.contains("available: portable"))
    }

    @Test("the measured peak is that of a machine", arguments: tables)
    func peak(kernels: KernelTable) {
        let rate = PeakBenchmark.multiplyAdds(kernels: kernels, duration: .milliseconds(5))
        #expect((0.1...10_000).contains(rate), "\(kernels.name): \(rate) GFLOP/s")
    }

    @Test("packing puts every weight in its place", arguments: [(1, 1, 1), (5, 3, 4), (33, 70, 9), (40, 300, 1)])
    func packing(outputs: Int, channels: Int, taps: Int) {
        let source = (0..<outputs * channels * taps).map { Float($0 + 1) }
        for columns in [8, 16, 32, 48] {
            let panels = (outputs + columns - 1) / columns
            let found = run(source, outputs: panels * columns * channels * taps) {
                f32_pack_panels($0, outputs, channels, taps, columns, $1)
            }
            var expected: [Float] = []
            for panel in 0..<panels {
                for tap in 0..<taps {
                    for channel in 0..<channels {
                        for output in panel * columns..<(panel + 1) * columns {
                            expected.append(output < outputs ? source[(output * channels + channel) * taps + tap] : 0)
                        }
                    }
                }
            }
            #expect(found == expected, "\(columns) columns")
        }
    }

    @Test(
        "packing a transposed matrix, in whatever parts, is as packing the matrix",
        arguments: [(1, 1, 1), (5, 3, 4), (33, 70, 9), (100, 30, 1), (96, 64, 2)])
    func packingTransposed(outputs: Int, channels: Int, taps: Int) {
        let elements = channels * taps
        let source = (0..<outputs * elements).map { Float($0 + 1) }
        let transposed = (0..<outputs * elements).map { source[$0 % outputs * elements + $0 / outputs] }
        for columns in [8, 16, 32, 48] {
            let count = (outputs + columns - 1) / columns * columns * elements
            let expected = run(source, outputs: count) { f32_pack_panels($0, outputs, channels, taps, columns, $1) }
            for part in [1, 7, elements] {
                let found = run(transposed, outputs: count) {
                    for first in stride(from: 0, to: elements, by: part) {
                        let end = min(first + part, elements)
                        f32_pack_transposed($0, first, end, outputs, channels, taps, columns, $1)
                    }
                }
                #expect(found == expected, "\(columns) columns, \(part) rows at a time")
            }
        }
    }
}
