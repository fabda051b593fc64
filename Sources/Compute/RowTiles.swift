/// Rows of a matrix cut into tiles of nearly equal height.
///
/// Equal, because a tile's cost is not proportional to its rows: the 49 pixels of a 7×7 map in tiles of up to 12
/// are four of 10 and one of 9, not four of 12 and one of 1 that waits for its weights.
struct RowTiles: Sendable {
    let rows: Int
    let count: Int
    private let base: Int
    private let larger: Int

    /// Bytes after which an L1 cache begins again with its first set of lines, and the lines of a set.
    private static let (cacheStride, cacheWays) = (4096, 8)

    /// - Parameter distance: from one row to the next, in floats. Rows whose distance puts them in one set of the cache's lines are
    ///   taken no more at a time than it holds: each line is read sixteen times, and twelve would push each other out.
    init(rows: Int, tileRows: Int, distance: Int) {
        let collide = (distance * MemoryLayout<Float>.stride).isMultiple(of: Self.cacheStride)
        self.init(rows: rows, tileRows: collide ? min(tileRows, Self.cacheWays) : tileRows)
    }

    init(rows: Int, tileRows: Int) {
        self.rows = rows
        count = (rows + tileRows - 1) / tileRows
        base = count > 0 ? rows / count : 0
        larger = count > 0 ? rows % count : 0
    }

    func start(_ tile: Int) -> Int { tile * base + min(tile, larger) }

    func rows(_ tile: Int) -> Int { base + (tile < larger ? 1 : 0) }
}
