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
            Sum every convolution as it is defined, in more time; else 3×3 ones are computed by Winograd's \
            algorithm, with rounding errors of about 1e-5 of a layer's largest number and four times the memory for \
            their weights.
            """)
    var exact = false

    func validate() throws {
        if let threads, !(1...256).contains(threads) {
            throw ValidationError("--threads must be from 1 to 256, found \(threads)")
        }
    }

    func kernels() throws -> KernelTable {
        guard let isa else { return try KernelTable.selected }
        return try KernelTable.select(named: isa)
    }

    var plan: PlanOptions { PlanOptions(isExact: exact) }

    func pool() -> ComputePool {
        threads.map { ComputePool(threads: $0) } ?? .shared
    }
}
