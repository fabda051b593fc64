import CSandbox
import Foundation

/// What becomes of system calls, by their names and arguments.
struct SystemCallFilter: ~Copyable {
    enum Outcome {
        case isAllowed
        case fails(Int32)
        case endsTheProcess

        fileprivate var number: Int32 {
            switch self {
            case .isAllowed: 0
            case .fails(let number): number
            case .endsTheProcess: -1
            }
        }
    }

    private let filter: UnsafeMutableRawPointer?
    private var failure: Int32 = 0

    init(otherwise outcome: Outcome) {
        filter = csandbox_filter(outcome.number)
        if filter == nil { failure = -ENOMEM }
    }

    deinit { if let filter { csandbox_filter_free(filter) } }

    /// Where all conditions hold.
    mutating func add(_ call: String, _ outcome: Outcome, _ conditions: csandbox_condition...) {
        guard failure == 0, let filter else { return }
        failure = csandbox_filter_add(filter, outcome.number, call, conditions, conditions.count)
    }

    /// - Returns: 0, or a negative errno.
    func enter() -> Int32 {
        guard failure == 0, let filter else { return failure }
        return csandbox_filter_enter(filter)
    }
}

extension csandbox_condition {
    /// For arguments that are int to the kernel, whatever the upper half of the register has.
    static func `is`(_ argument: UInt32, _ value: UInt64) -> Self {
        Self(argument: argument, differs: false, mask: 0xFFFF_FFFF, value: value)
    }

    static func isNot(_ argument: UInt32, _ value: UInt64) -> Self {
        Self(argument: argument, differs: true, mask: .max, value: value)
    }

    /// That the bit of an argument is set.
    static func has(_ argument: UInt32, _ bit: UInt64) -> Self {
        Self(argument: argument, differs: false, mask: bit, value: bit)
    }

    /// That the bit of an argument is not set.
    static func lacks(_ argument: UInt32, _ bit: UInt64) -> Self {
        Self(argument: argument, differs: false, mask: bit, value: 0)
    }

    /// A socket's, beside which there may be flags.
    static func socketType(_ type: UInt64) -> Self {
        Self(argument: 1, differs: false, mask: 0xF, value: type)
    }
}
