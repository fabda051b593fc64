import ArgumentParser
import Compute
import Network

/// Which kernels compute, on how many threads.
struct EngineOptions: ParsableArguments {
    @Option(help: "Kernels: \(KernelTable.available.joined(separator: ", ")). Default: the best this CPU runs.")
    var isa: String?

    @Option(help: "Compute threads. Default: the cores this process may use.")
    var threads: Int?

    @Flag(
        help: """
            Sum every convolution as it is defined. Without it 3×3 ones go by Winograd's algorithm, in half the time or less, \
            with rounding errors of at most 5e-5 of a layer's largest number.
            """)
    var exact = false

    @Option(
        help: """
            What convolutions and dense layers multiply: f32, or bf16, which takes half the time and rounds to 8 bits \
            (needs AVX512-BF16).
            """)
    var precision = Precision.float32

    func validate() throws {
        if let threads, !(1...256).contains(threads) {
            throw ValidationError("--threads must be from 1 to 256, found \(threads)")
        }
    }

    func kernels() throws -> KernelTable {
        let kernels = try isa.map { try KernelTable.select(named: $0) } ?? KernelTable.selected
        try kernels.check(precision)
        return kernels
    }

    var plan: PlanOptions { PlanOptions(isExact: exact, precision: precision) }

    func pool() -> ComputePool {
        threads.map { ComputePool(threads: $0) } ?? .shared
    }
}

extension Precision: ExpressibleByArgument {}
