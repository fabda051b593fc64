/// Hands out runs of rows, each within one image, to the threads of a pool.
struct RowSplit {
    /// Elements visited below which a layer is finished before a second thread has woken up.
    private static let worthSharing = 1 << 16

    private let images: Int
    private let rows: Int
    private let chunks: Int
    private let pool: ComputePool?

    /// `rows` are one image's; `workPerImage` counts the elements visited for it.
    init(images: Int, rows: Int, workPerImage: Int, pool: ComputePool?) {
        let shared = images * workPerImage >= Self.worthSharing ? pool : nil
        // Two tasks a thread, so that none waits long for the last one; more would read borders twice.
        let wanted = shared.map { 2 * $0.threads } ?? 1
        self.images = images
        self.rows = rows
        chunks = max(1, min(rows, (wanted + max(images, 1) - 1) / max(images, 1)))
        self.pool = shared
    }

    /// Calls `body` once for each run, on several threads at a time.
    func run(_ body: (_ image: Int, _ rows: Range<Int>) -> Void) {
        let (rows, chunks) = (rows, chunks)
        ComputePool.run(on: pool, images * chunks) { task, _ in
            let (image, chunk) = task.quotientAndRemainder(dividingBy: chunks)
            body(image, chunk * rows / chunks..<(chunk + 1) * rows / chunks)
        }
    }
}
