import Synchronization

/// The state of a pool's parallel section in one word: its number, whether it is open now, and how many workers are
/// inside. One word, so that a worker enters only a section that is still open.
struct Section: Sendable, Equatable {
    var word: UInt

    private static let openBit: UInt = 1 << 15
    private static let insideMask: UInt = openBit - 1

    var isOpen: Bool { word & Self.openBit != 0 }
    var inside: UInt { word & Self.insideMask }
    /// Counts sections; wraps around.
    var number: UInt { word >> 16 }
    /// What a worker that enters makes of it.
    var entered: Section { Section(word: word + 1) }
    /// The number that follows another.
    static func number(after number: UInt) -> UInt { (number &+ 1) & (UInt.max >> 16) }
    /// Takes the open bit away.
    static let closing = ~openBit

    init(word: UInt) { self.word = word }

    /// A section, open and empty.
    init(number: UInt) { word = number << 16 | Self.openBit }
}
