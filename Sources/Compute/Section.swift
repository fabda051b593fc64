import Synchronization

/// The state of a pool's parallel section in one word: how often a section was opened, whether it is open now, and
/// how many workers are inside. One word, so that a worker enters only a section that is still open.
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
    /// The next section, open and empty.
    var next: Section { Section(word: ((word >> 16) &+ 1) << 16 | Self.openBit) }
    /// Takes the open bit away.
    static let closing = ~openBit
}
