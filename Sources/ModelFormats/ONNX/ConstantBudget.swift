/// The memory that the constants of one file may make an import take.
///
/// A few bytes can ask for a megabyte (a `ConstantOfShape`), or for a copy of weights that a thousand layers share and
/// each packs for itself. So every integer that shape arithmetic reads or makes, all numbers that are copied from a file,
/// and all weights that a layer takes or that are rewritten for it, count. Real networks stay below twice their file.
struct ConstantBudget {
    private let file: FileBytes
    private var limit: Int
    /// What narrow types may add to the limit: as much as if all bytes of the file were uint8. Many tensors may have the
    /// same bytes.
    private var largestWidening: Int
    private var spent = 0
    private var work = 0
    /// What arithmetic on constants may take: a fraction of a second, and some for each byte of the file.
    private var largestWork: Int

    /// For a file whose whole contents are `file`.
    ///
    /// - Parameter limit: in bytes, if not four times the file's size + 64 MiB.
    init(_ file: FileBytes, limit: Int?) {
        self.file = file
        // Files have at most 2^32 bytes: no overflow.
        self.limit = limit ?? 4 * file.count + (64 << 20)
        largestWidening = 12 * file.count
        largestWork = 16 * file.count + (1 << 27)
    }

    /// Another file's bytes count as if they were in this one; at most 2^32 at a time.
    mutating func add(fileBytes count: Int) {
        limit += 4 * count
        largestWidening += 12 * count
        largestWork += 16 * count
    }

    /// A tensor of `count` numbers that take `bytes` in the file counts as if they were float32 there.
    mutating func widen(_ count: Int, from bytes: Int) {
        let widening = min(4 * max(0, 4 * count - bytes), largestWidening)
        largestWidening -= widening
        limit += widening
    }

    /// Counts elements read and written, and multiply-adds, before they are done; at most 2^56 at a time.
    mutating func compute(_ count: Int, for location: @autoclosure () -> String) throws(ModelFormatError) {
        work += count
        guard work <= largestWork else {
            throw file.unsupported(
                location(), found: "arithmetic on constants of more than \(largestWork) operations",
                supported: "less: fold constants when the network is exported")
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
