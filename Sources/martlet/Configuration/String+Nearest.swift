extension String {
    /// Which of `names` was probably meant: the one with the fewest letters to change, as long as most are right.
    func nearest(of names: [String]) -> String? {
        let word = Self.folded(self)
        // More work would be for something that is no name.
        guard word.count <= 64 else { return nil }
        let candidates = names.map { (name: $0, distance: word.distance(to: Self.folded($0))) }
        return candidates.min { $0.distance < $1.distance }.flatMap {
            $0.distance <= max(2, word.count / 3) ? $0.name : nil
        }
    }

    /// `drain_delay` and `DRAIN-DELAY` are `drain-delay` misspelt by nothing.
    private static func folded(_ name: String) -> [Character] { Array(name.lowercased().replacing("_", with: "-")) }
}

extension [Character] {
    /// The Levenshtein distance: how many characters are to be inserted, deleted or replaced.
    fileprivate func distance(to other: [Character]) -> Int {
        var previous = Array<Int>(0...other.count)
        for (row, character) in enumerated() {
            var current = [row + 1]
            for (column, candidate) in other.enumerated() {
                let replaced = previous[column] + (character == candidate ? 0 : 1)
                current.append(Swift.min(replaced, previous[column + 1] + 1, current[column] + 1))
            }
            previous = current
        }
        return previous[other.count]
    }
}
