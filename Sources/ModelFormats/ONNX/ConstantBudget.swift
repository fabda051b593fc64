/// The memory that the constants of one file may make an import take.
///
/// A few bytes can ask for a megabyte (a `ConstantOfShape`), or for a copy of weights that a thousand layers share and
/// each packs for itself. So every integer that shape arithmetic reads or makes, and all weights that a layer takes or
/// that are rewritten for it, count. Real networks stay below twice their file.
struct ConstantBudget {
    private let file: FileBytes
    private let limit: Int
    private var spent = 0
    private var multiplyAdds = 0
    /// What products of constants may take: a fraction of a second.
    private static let largestWork = 1 << 27

    /// For a file whose whole contents are `file`.
    ///
    /// - Parameter limit: in bytes, if not four times the file's size + 64 MiB.
    init(_ file: FileBytes, limit: Int?) {
        self.file = file
        // Files have at most 2^32 bytes: no overflow.
        self.limit = limit ?? 4 * file.count + (64 << 20)
    }

    /// Counts multiply-adds on constants before they are done; at most 2^56 at a time.
    mutating func compute(_ count: Int, for location: @autoclosure () -> String) throws(ModelFormatError) {
        multiplyAdds += count
        guard multiplyAdds <= Self.largestWork else {
            throw file.unsupported(
                location(), found: "products of constants of more than \(Self.largestWork) multiply-adds",
                supported: "less: fold them when the network is exported")
        }
    }

    /// Counts `bytes`, of at most one file's size, before they are allocated.
    mutating func spend(_ bytes: Int, for location: @autoclosure () -> String) throws(ModelFormatError) {
        spent += bytes
        guard spent <= limit else {
            throw file.unsupported(
                location(), found: "constants and weights of more than \(limit) bytes up to here",
                supported: "four times the file's size + 64 MiB in all")
        }
    }
}
