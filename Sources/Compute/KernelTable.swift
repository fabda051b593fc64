import CKernels
import Foundation

/// The arithmetic kernels of one instruction set.
public struct KernelTable: Sendable {
    /// `nonisolated(unsafe)`: a constant of the C module.
    nonisolated(unsafe) private let table: UnsafePointer<f32_kernels>

    var functions: f32_kernels { table.pointee }

    /// `nonisolated(unsafe)`: a constant of the C module.
    nonisolated(unsafe) private let integerTable: UnsafePointer<i8_kernels>

    /// The kernels of whole numbers that go with these.
    var integers: i8_kernels { integerTable.pointee }

    /// `avx512`, `avx2` or `portable`.
    public var name: String { String(cString: functions.name) }

    /// The kernels of that name, or `nil` where it is unknown or this machine cannot run them.
    public init?(named name: String) {
        guard let table = f32_kernels_named(name), let integers = Self.integers[name] else { return nil }
        self.table = table
        integerTable = integers
    }

    /// For each instruction set, the best kernels of whole numbers. Asked once: a virtual machine leaves its guest for each
    /// CPUID instruction.
    ///
    /// `nonisolated(unsafe)`: constants of the C module.
    nonisolated(unsafe) private static let integers: [String: UnsafePointer<i8_kernels>] = {
        let choices = ["avx512": ["avx512vnni", "avx2"], "avx2": ["avx2"], "portable": ["portable"]]
        return choices.compactMapValues { $0.lazy.compactMap { i8_kernels_named($0) }.first }
    }()

    /// Every instruction set's name, fastest first.
    public static let known: [String] = {
        var names: [String] = []
        while let name = f32_kernels_name(names.count) { names.append(String(cString: name)) }
        return names
    }()

    /// The names that this machine can run, fastest first. `portable` is always among them.
    public static let available: [String] = known.filter { KernelTable(named: $0) != nil }

    /// The fastest kernels of this machine, or those that the environment variable `MARTLET_ISA` names.
    /// Throws where it names none, or some that this machine cannot run.
    public static var selected: KernelTable {
        get throws(ComputeError) { try selection.get() }
    }

    private static let selection = Result { () throws(ComputeError) in
        try select(named: ProcessInfo.processInfo.environment["MARTLET_ISA"])
    }

    /// The kernels of that name; the fastest where the name is `nil` or empty.
    public static func select(named name: String?) throws(ComputeError) -> KernelTable {
        let name = name ?? ""
        guard name.isEmpty || known.contains(name) else { throw .unknownKernels(name: name, known: known) }
        guard let table = KernelTable(named: name.isEmpty ? available[0] : name) else {
            throw .unavailableKernels(name: name, available: available)
        }
        return table
    }
}
