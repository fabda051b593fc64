import Foundation

/// Pages of 2 MB: they spare a TLB miss every 4 KB, and what follows one another in them does so in the cache too.
public enum HugePages {
    public static let size = 1 << 21

    /// Asks for them in the part of `memory` that consists of whole ones. To be called before the memory is written.
    public static func advise(_ memory: UnsafeMutableRawBufferPointer) {
        #if os(Linux)
            advise(memory, MADV_HUGEPAGE)
        #endif
    }

    /// As ``advise(_:)``, for memory that was written: small pages are gathered into large ones, at once where Linux is 6.1
    /// or newer, else by and by.
    static func collapse(_ memory: UnsafeMutableRawBufferPointer) {
        #if os(Linux)
            advise(memory, MADV_HUGEPAGE)
            // MADV_COLLAPSE, which not every glibc names.
            advise(memory, 25)
        #endif
    }

    #if os(Linux)
        private static func advise(_ memory: UnsafeMutableRawBufferPointer, _ advice: some BinaryInteger) {
            guard let start = memory.baseAddress else { return }
            let first = (UInt(bitPattern: start) + UInt(size - 1)) / UInt(size) * UInt(size)
            let end = (UInt(bitPattern: start) + UInt(memory.count)) / UInt(size) * UInt(size)
            if first < end { _ = madvise(UnsafeMutableRawPointer(bitPattern: first), Int(end - first), Int32(advice)) }
        }
    #endif
}
