import Foundation

/// Which of the sockets that share a port (`SO_REUSEPORT`) gets a new client: socket(7), `SO_ATTACH_REUSEPORT_CBPF`.
enum PortSharing {
    /// `struct sock_filter` of linux/filter.h.
    private struct Instruction {
        let code: UInt16
        let ifTrue: UInt8
        let ifFalse: UInt8
        let operand: UInt32
    }

    /// `struct sock_fprog`.
    @unsafe private struct Program {
        let count: UInt16
        let instructions: UnsafePointer<Instruction>
    }

    private static let attach: Int32 = 51
    private static let detach: Int32 = 68
    /// `BPF_RET | BPF_K`
    private static let answer: UInt16 = 0x06

    /// All of them alike, whatever a server that has stopped ordered. Where none did, or the kernel (before 5.3) cannot take
    /// it back, there is nothing to do.
    static func spread(over descriptor: Int32) {
        var none: Int32 = 0
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, detach, &none, socklen_t(MemoryLayout<Int32>.size))
    }

    /// The second of them, as the kernel counts; only the first may ask for that. Where there is no second one the kernel
    /// goes on as before.
    ///
    /// - Returns: whether the kernel does so.
    static func divert(from descriptor: Int32) -> Bool {
        var instruction = Instruction(code: answer, ifTrue: 0, ifFalse: 0, operand: 1)
        return unsafe withUnsafePointer(to: &instruction) { pointer in
            var program = unsafe Program(count: 1, instructions: pointer)
            return unsafe setsockopt(descriptor, SOL_SOCKET, attach, &program, socklen_t(MemoryLayout<Program>.size))
                == 0
        }
    }
}
