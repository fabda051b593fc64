import ArgumentParser
import Compute
import Network

/// Which kernels compute, on how many threads.
struct EngineOptions: ParsableArguments {
    @Option(help: "Which kernels compute. Default: the best this CPU runs.")
    var isa: InstructionSet?

    @Option(help: "Compute threads. Default: the cores this process may use.")
    var threads: Int?

    @Flag(
        inversion: .prefixedNo,
        help: """
            Sum every convolution as it is defined. Without it 3×3 ones go by Winograd's algorithm, in half the time or less, \
            with rounding errors of at most 5e-5 of a layer's largest number.
            """)
    var exact = false

    @Option(
        help: """
            What convolutions and dense layers multiply: f32; bf16, which takes half the time and rounds to 8 bits (needs \
            AVX512-BF16); int8, of which only 'martlet bench' makes a model on the way: 'martlet quantize' writes models \
            that compute so without being asked.
            """)
    var precision = EnginePrecision.f32

    func validate() throws {
        if let threads, !(1...256).contains(threads) {
            throw ValidationError("--threads must be from 1 to 256, found \(threads)")
        }
    }

    func kernels() throws -> KernelTable {
        guard precision != .int8 else {
            throw ValidationError(
                "--precision int8 belongs to 'martlet bench'; a model computes in 8 bits when 'martlet quantize' has "
                    + "written it")
        }
        return try benchKernels()
    }

    /// As ``kernels()``, for a network that is quantised where `int8` is asked for.
    func benchKernels() throws -> KernelTable {
        let kernels = try isa.map { try KernelTable.select(named: $0.rawValue) } ?? KernelTable.selected
        try kernels.check(plan.precision)
        return kernels
    }

    var plan: PlanOptions {
        PlanOptions(isExact: exact, precision: precision == .bf16 ? .bfloat16 : .float32)
    }

    func pool() -> ComputePool {
        threads.map { ComputePool(threads: $0) } ?? .shared
    }
}

/// Those of all machines; one that this machine lacks is an error when the kernels are chosen.
enum InstructionSet: String, ExpressibleByArgument, CaseIterable {
    case avx512, avx2, neon, portable
}

enum EnginePrecision: String, ExpressibleByArgument, CaseIterable {
    case f32, bf16, int8
}
