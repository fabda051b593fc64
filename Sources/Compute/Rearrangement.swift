/// Moves numbers without changing them: element `(i, j, …)` of a box is read from `Σ source[axis][index]` and written to
/// `Σ target[axis][index]`. Slices, gathers, paddings, concatenations, transpositions, reshapes and nearest-neighbour resizing
/// are all of this form.
public struct Rearrangement: Sendable {
    /// Where the indices of one axis lie.
    private enum Places: Sendable {
        case regular(extent: Int, stride: Int)
        case table([Int])

        var count: Int {
            switch self {
            case .regular(let extent, _): extent
            case .table(let table): table.count
            }
        }

        subscript(index: Int) -> Int {
            switch self {
            case .regular(_, let stride): index * stride
            case .table(let table): table[index]
            }
        }
    }

    /// A run of indices of the last axis: consecutive in source and target, or all `fill`.
    private struct Run: Sendable {
        var source: Int
        let target: Int
        var count: Int
    }

    /// How the last axis is walked.
    private enum Walk: Sendable {
        case strided(count: Int, source: Int, target: Int)
        case runs([Run])
    }

    /// Of all axes but the last, outermost first; where an element is missing, ``missing``.
    private let source: [Places]
    private let target: [Places]
    private let walk: Walk
    private let fill: Float
    private let start: Int
    private let inputCount: Int
    private let outputCount: Int
    private let rows: Int
    private let rowCount: Int

    private static let missing = -1
    private static let largestTable = 1 << 22

    /// The axes in the order in which they are walked, the last the fastest; the first element is written to `start`.
    private init(
        source: [Places], target: [Places], fill: Float = 0, start: Int = 0, inputCount: Int, outputCount: Int
    ) {
        let last = (
            source: source.last ?? .regular(extent: 1, stride: 1), target: target.last ?? .regular(extent: 1, stride: 1)
        )
        if case (.regular(let extent, let from), .regular(_, let to)) = last {
            walk = .strided(count: extent, source: from, target: to)
        } else {
            walk = .runs(Self.runs(last.source, last.target))
        }
        self.source = Array(source.dropLast())
        self.target = Array(target.dropLast())
        self.fill = fill
        self.start = start
        self.inputCount = inputCount
        self.outputCount = outputCount
        rows = self.target.reduce(1) { $0 * $1.count }
        rowCount = last.target.count
    }

    private static func runs(_ source: Places, _ target: Places) -> [Run] {
        var runs: [Run] = []
        for index in 0..<target.count {
            let (from, to) = (source[index], target[index])
            if let last = runs.last, to == last.target + last.count,
                from == (last.source < 0 ? missing : last.source + last.count)
            {
                runs[runs.count - 1].count += 1
            } else {
                runs.append(Run(source: from, target: to, count: 1))
            }
        }
        return runs
    }

    /// For each axis the indices that are kept, −1 for `fill`; all must exist.
    public init(selecting indices: [[Int]], of shape: [Int], fill: Float) {
        let output = indices.map(\.count)
        let (from, to) = (MemoryOrder.strides(of: shape), MemoryOrder.strides(of: output))
        let axes = MemoryOrder.axes(of: output)
        self.init(
            source: axes.map { axis in
                // Axes that stay as they are need no table.
                indices[axis].elementsEqual(0..<output[axis])
                    ? .regular(extent: output[axis], stride: from[axis])
                    : .table(indices[axis].map { $0 < 0 ? Self.missing : $0 * from[axis] })
            },
            target: axes.map { .regular(extent: output[$0], stride: to[$0]) }, fill: fill,
            inputCount: shape.reduce(1, *), outputCount: output.reduce(1, *))
    }

    /// Axis `i` of the output is axis `permutation[i]` of the input.
    public init(transposing shape: [Int], by permutation: [Int]) {
        let output = permutation.map { shape[$0] }
        let (from, to) = (MemoryOrder.strides(of: shape), MemoryOrder.strides(of: output))
        let axes = MemoryOrder.axes(of: output)
        self.init(
            source: axes.map { .regular(extent: output[$0], stride: from[permutation[$0]]) },
            target: axes.map { .regular(extent: output[$0], stride: to[$0]) },
            inputCount: shape.reduce(1, *), outputCount: output.reduce(1, *))
    }

    /// The same elements in the same logical order.
    ///
    /// - Throws: ``ComputeError/tooLarge(what:limit:)`` where a large map and another shape have no extents in common, so that
    ///   each element would need a place in a table.
    public init(reshaping shape: [Int], to output: [Int]) throws(ComputeError) {
        let count = shape.reduce(1, *)
        if shape.count != 3, output.count != 3 {
            let all = [Places.regular(extent: count, stride: 1)]
            self.init(source: all, target: all, inputCount: count, outputCount: count)
            return
        }
        // A walk over the extents that both shapes are made of, each within one axis of either; where there are none such,
        // element by element.
        let common = Self.commonParts(shape, output)
        guard common != nil || count <= Self.largestTable else {
            throw .tooLarge(what: "a map of \(shape) reshaped to \(output)", limit: Self.largestTable)
        }
        let parts = common ?? [count]
        let steps = MemoryOrder.rowMajor(parts)
        func places(_ shape: [Int]) -> [Places] {
            let (logical, memory) = (MemoryOrder.rowMajor(shape), MemoryOrder.strides(of: shape))
            func place(_ position: Int) -> Int {
                shape.indices.reduce(0) { $0 + position / logical[$1] % shape[$1] * memory[$1] }
            }
            if common == nil { return [.table((0..<count).map(place))] }
            return parts.indices.map { .regular(extent: parts[$0], stride: place(steps[$0])) }
        }
        self.init(source: places(shape), target: places(output), inputCount: count, outputCount: count)
    }

    /// Extents whose products make up both shapes, so that no part crosses an axis of either; `nil` where there are none.
    private static func commonParts(_ first: [Int], _ second: [Int]) -> [Int]? {
        var (parts, a, b) = ([Int](), first.filter { $0 > 1 }, second.filter { $0 > 1 })
        while let x = a.last, let y = b.last {
            let part = min(x, y)
            guard x.isMultiple(of: part), y.isMultiple(of: part) else { return nil }
            parts.insert(part, at: 0)
            a.removeLast()
            b.removeLast()
            if x > part { a.append(x / part) }
            if y > part { b.append(y / part) }
        }
        return parts
    }

    /// One for each input, which follow one another along an axis of `output`.
    public static func concatenating(_ shapes: [[Int]], axis: Int, output: [Int]) -> [Rearrangement] {
        let to = MemoryOrder.strides(of: output)
        let axes = MemoryOrder.axes(of: output)
        var start = 0
        return shapes.map { shape in
            let from = MemoryOrder.strides(of: shape)
            defer { start += shape[axis] }
            return Rearrangement(
                source: axes.map { .regular(extent: shape[$0], stride: from[$0]) },
                target: axes.map { .regular(extent: shape[$0], stride: to[$0]) }, start: start * to[axis],
                inputCount: shape.reduce(1, *), outputCount: output.reduce(1, *))
        }
    }

    /// Reads `images` times the input and writes as often its part of the output, not in place.
    public func run(
        input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, images: Int, pool: ComputePool?
    ) {
        RowSplit(images: images, rows: rows, workPerImage: rows * rowCount, pool: pool).run { image, rows in
            let (input, output) = (input + image * inputCount, output + image * outputCount)
            for row in rows { copy(row, from: input, to: output) }
        }
    }

    private func copy(_ row: Int, from input: UnsafePointer<Float>, to output: UnsafeMutablePointer<Float>) {
        var (rest, from, to) = (row, 0, start)
        for axis in target.indices.reversed() {
            let (next, index) = rest.quotientAndRemainder(dividingBy: target[axis].count)
            rest = next
            to += target[axis][index]
            let place = source[axis][index]
            from = from < 0 || place < 0 ? Self.missing : from + place
        }
        switch walk {
        case .strided(let count, let step, let targetStep):
            if from < 0 {
                for index in 0..<count { output[to + index * targetStep] = fill }
            } else if step == 1, targetStep == 1 {
                (output + to).update(from: input + from, count: count)
            } else {
                for index in 0..<count { output[to + index * targetStep] = input[from + index * step] }
            }
        case .runs(let runs):
            for run in runs {
                let start = output + to + run.target
                if from < 0 || run.source < 0 {
                    start.update(repeating: fill, count: run.count)
                } else {
                    start.update(from: input + from + run.source, count: run.count)
                }
            }
        }
    }
}
