import Testing

@testable import Compute

@Suite struct TilingTests {
    @Test("tiles cover the rows in order and differ by at most one row", arguments: 0...60)
    func rowTiles(rows: Int) {
        for tileRows in [6, 12] {
            let tiles = RowTiles(rows: rows, tileRows: tileRows)
            var next = 0
            var sizes = Set<Int>()
            for tile in 0..<tiles.count {
                #expect(tiles.start(tile) == next)
                next += tiles.rows(tile)
                sizes.insert(tiles.rows(tile))
            }
            #expect(next == rows)
            #expect(sizes.allSatisfy { (1...tileRows).contains($0) })
            #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
        }
    }

    @Test("a 7×7 map's pixels make five balanced tiles")
    func sevenBySeven() {
        let tiles = RowTiles(rows: 49, tileRows: 12)
        #expect((0..<tiles.count).map(tiles.rows) == [10, 10, 10, 10, 9])
    }

    @Test("rows a multiple of 4 KB apart are no more to a tile than a set of the L1 cache has lines")
    func collidingRows() {
        #expect(RowTiles(rows: 196, tileRows: 12, distance: 1024).rows(0) == 8)
        #expect(RowTiles(rows: 196, tileRows: 12, distance: 2048).rows(0) == 8)
        #expect(RowTiles(rows: 196, tileRows: 12, distance: 512).rows(0) == 12)
        #expect(RowTiles(rows: 196, tileRows: 6, distance: 1024).rows(0) == 6)
    }

    @Test("tasks cover every tile of every panel exactly once", arguments: [0, 1, 2, 5, 131], [1, 2, 10, 64])
    func split(tiles: Int, panels: Int) {
        for panelCount in [96, 20_000, 1 << 20] {
            for threads in [1, 2, 7, 64] {
                let split = TileSplit(tiles: tiles, panels: panels, panelCount: panelCount, threads: threads)
                var visits = [Int](repeating: 0, count: tiles * panels)
                for task in 0..<split.tasks {
                    let (tileRange, panelRange) = split.ranges(task)
                    for tile in tileRange { for panel in panelRange { visits[tile * panels + panel] += 1 } }
                }
                #expect(
                    visits.allSatisfy { $0 == 1 },
                    "\(tiles) tiles × \(panels) panels of \(panelCount) on \(threads) threads")
            }
        }
    }
}
