/// How a product's tiles × panels are ordered and handed out: groups of panels whose weights fit the L2 cache, and
/// within a group runs of tiles.
struct TileSplit: Sendable {
    /// Multiply-adds below which a product is finished before a second thread has woken up.
    static let worthSharing = 5e5
    /// Floats of weights that stay in the L2 cache beside the input: 384 KB of the 1 MB or more of a server's core.
    static let cachedWeights = 96 * 1024

    let tasks: Int
    private let tiles: Int
    private let panels: Int
    private let groupPanels: Int
    private let chunkTiles: Int
    private let chunks: Int

    init(tiles: Int, panels: Int, panelCount: Int, cachedWeights: Int = Self.cachedWeights, threads: Int) {
        // Many small tasks: with 4 a thread, ResNet-50's layers lost 5 % to threads that waited for the last one.
        let wanted = threads > 1 ? 16 * threads : 1
        let cached = max(1, cachedWeights / max(1, panelCount))
        var groupPanels = min(cached, max(1, panels))
        if tiles * divideUp(panels, groupPanels) < wanted {
            groupPanels = max(1, panels * tiles / wanted)
        }
        let groups = divideUp(panels, groupPanels)
        chunkTiles = max(1, divideUp(tiles, max(1, divideUp(wanted, max(1, groups)))))
        chunks = divideUp(tiles, chunkTiles)
        self.tiles = tiles
        self.panels = panels
        self.groupPanels = groupPanels
        tasks = groups * chunks
    }

    /// Tasks of one group follow one another.
    func ranges(_ task: Int) -> (tiles: Range<Int>, panels: Range<Int>) {
        let (group, chunk) = task.quotientAndRemainder(dividingBy: chunks)
        let (firstTile, firstPanel) = (chunk * chunkTiles, group * groupPanels)
        return (firstTile..<min(firstTile + chunkTiles, tiles), firstPanel..<min(firstPanel + groupPanels, panels))
    }
}

func divideUp(_ a: Int, _ b: Int) -> Int { (a + b - 1) / b }
