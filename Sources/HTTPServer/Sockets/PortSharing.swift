import Foundation

/// Which of the sockets that share a port (`SO_REUSEPORT`) gets a new client: socket(7), `SO_ATTACH_REUSEPORT_CBPF`.
///
/// The server that came last has the new clients from when it answers; one that stops leads them to another, so that nobody
/// is between its last accept and its end. The kernel numbers the sockets: a new one is last, and the last takes the place
/// of one that is closed. So of two, the one that was there before the other is the first. With a number that no socket has
/// the kernel spreads the clients itself.
struct PortSharing {
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
    /// `BPF_RET | BPF_K`
    private static let answer: UInt16 = 0x06

    private let descriptor: Int32
    private let family: Int32
    /// Who was there before.
    private let earlier: Set<UInt64>

    /// - Parameter descriptor: of a socket that has just begun to listen. Its clients still go to whoever was there before.
    init(_ descriptor: Int32, family: Int32) {
        (self.descriptor, self.family) = (descriptor, family)
        earlier = PortListeners.others(besides: descriptor, family: family) ?? []
        if !earlier.isEmpty { lead(to: 0) }
    }

    /// Has all new clients come here, also where there is nobody else yet: a socket that begins to listen later gets none before
    /// it takes them.
    func take() {
        guard let others = PortListeners.others(besides: descriptor, family: family) else { return }
        if others.isSubset(of: earlier) { lead(to: others.count) }
    }

    /// Has all new clients go to another.
    ///
    /// - Returns: whether they do. Nothing is changed where there is no other, or where it is not known which number is whose
    ///   because there are both earlier and later ones.
    func leave() -> Bool {
        guard let others = PortListeners.others(besides: descriptor, family: family), !others.isEmpty else {
            return false
        }
        if others.isSubset(of: earlier) { return lead(to: 0) }
        return others.isDisjoint(with: earlier) && lead(to: 1)
    }

    @discardableResult
    private func lead(to number: Int) -> Bool {
        var instruction = Instruction(code: Self.answer, ifTrue: 0, ifFalse: 0, operand: UInt32(clamping: number))
        return unsafe withUnsafePointer(to: &instruction) { pointer in
            var program = unsafe Program(count: 1, instructions: pointer)
            return unsafe setsockopt(
                descriptor, SOL_SOCKET, Self.attach, &program, socklen_t(MemoryLayout<Program>.size)) == 0
        }
    }
}
