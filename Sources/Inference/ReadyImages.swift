/// Images whose inputs are there, by model, in the order in which the inputs were made.
struct ReadyImages {
    private struct Line {
        let model: LoadedModel
        var items: [WorkItem]

        /// From when on its images do not wait for others.
        var due: ContinuousClock.Instant? {
            model.batchDelay == .zero ? items.first?.due : items.lazy.map(\.due).min()
        }
    }

    private var lines: [Line] = []

    /// By model, in the order in which they are taken.
    var all: [(model: LoadedModel, items: [WorkItem])] { lines.map { ($0.model, $0.items) } }

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

    /// The model whose turn it is, the one whose images were due first, and how many are ready; without one, when to look
    /// again: images may be kept back for others to join them.
    ///
    /// - Parameters:
    ///   - capacity: so many images never wait for others.
    ///   - isUrgent: whether none does.
    func next(
        at now: ContinuousClock.Instant, capacity: Int, isUrgent: Bool
    ) -> (next: (model: LoadedModel, count: Int)?, lookAgain: ContinuousClock.Instant?) {
        var lookAgain: ContinuousClock.Instant?
        var next: (line: Line, due: ContinuousClock.Instant)?
        for line in lines {
            guard let due = line.due else { continue }
            guard isUrgent || due <= now || line.items.count >= min(line.model.batchLimit, capacity) else {
                lookAgain = min(lookAgain ?? due, due)
                continue
            }
            if next.map({ due < $0.due }) ?? true { next = (line, due) }
        }
        return (next.map { ($0.line.model, $0.line.items.count) }, next == nil ? lookAgain : nil)
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
