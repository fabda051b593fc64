/// Images whose inputs are there, by model, in the order in which the inputs were made.
struct ReadyImages {
    private struct Line {
        let model: LoadedModel
        var items: [WorkItem]
    }

    private var lines: [Line] = []

    mutating func append(_ item: WorkItem) {
        if let line = lines.firstIndex(where: { $0.model === item.model }) {
            lines[line].items.append(item)
        } else {
            lines.append(Line(model: item.model, items: [item]))
        }
    }

    mutating func remove(_ item: WorkItem) {
        guard let line = lines.firstIndex(where: { $0.model === item.model }) else { return }
        lines[line].items.removeAll { $0 === item }
        if lines[line].items.isEmpty { lines.remove(at: line) }
    }

    /// The model whose turn it is, the one with the image that is ready for longest, and how many are ready; without one,
    /// when to look again: images may be kept back for others to join them.
    ///
    /// - Parameters:
    ///   - capacity: so many images never wait for others.
    ///   - isUrgent: whether none does.
    func next(
        at now: ContinuousClock.Instant, capacity: Int, isUrgent: Bool
    ) -> (next: (model: LoadedModel, count: Int)?, lookAgain: ContinuousClock.Instant?) {
        var lookAgain: ContinuousClock.Instant?
        var oldest: Line?
        for line in lines {
            guard let first = line.items.first else { continue }
            let due = first.readySince + line.model.batchDelay
            guard isUrgent || due <= now || line.items.count >= min(line.model.batchLimit, capacity) else {
                lookAgain = min(lookAgain ?? due, due)
                continue
            }
            if oldest.map({ first.readySince < $0.items[0].readySince }) ?? true { oldest = line }
        }
        return (oldest.map { ($0.model, $0.items.count) }, oldest == nil ? lookAgain : nil)
    }

    /// Takes the first `count` images of a model.
    mutating func take(_ count: Int, of model: LoadedModel) -> [WorkItem] {
        guard let line = lines.firstIndex(where: { $0.model === model }) else { return [] }
        let items = Array(lines[line].items.prefix(count))
        lines[line].items.removeFirst(items.count)
        if lines[line].items.isEmpty { lines.remove(at: line) }
        return items
    }
}
