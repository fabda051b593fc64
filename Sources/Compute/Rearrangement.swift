/// Moves numbers without changing them: element `(i, j, …)` of a box is read from `Σ source[axis][index]` and written to
/// `Σ target[axis][index]`. Slices, gathers, paddings, concatenations, transpositions, reshapes and nearest-neighbour resizing
/// are all of this form.
public struct Rearrangement: Sendable {
    /// A run of indices of the last axis: consecutive in source and target, or all `fill`.
    private struct Run: Sendable {
        var source: Int
        let target: Int
        var count: Int
    }

    /// Of all axes but the last, outermost first; where an element is missing, ``missing``.
    private let source: [[Int]]
    private let target: [[Int]]
    private let runs: [Run]
    private let runLength: Int
    private let fill: Float
    private let inputCount: Int
    private let outputCount: Int
    private let rows: Int

    private static let missing = -1
    private static let largestTable = 1 << 22

    /// The axes in the order in which they are walked, the last the fastest.
    private init(source: [[Int]], target: [[Int]], fill: Float = 0, inputCount: Int, outputCount: Int) {
        var runs: [Run] = []
        for (source, target) in zip(source.last ?? [0], target.last ?? [0]) {
            if let last = runs.last, target == last.target + last.count,
                source == (last.source < 0 ? Self.missing : last.source + last.count)
            {
                runs[runs.count - 1].count += 1
            } else {
                runs.append(Run(source: source, target: target, count: 1))
            }
        }
        self.source = Array(source.dropLast())
        self.target = Array(target.dropLast())
        self.runs = runs
        runLength = runs.reduce(0) { $0 + $1.count }
        self.fill = fill
        self.inputCount = inputCount
        self.outputCount = outputCount
        rows = self.target.reduce(1) { $0 * $1.count }
    }

    /// For each axis the indices that are kept, −1 for `fill`; all must exist.
    public init(selecting indices: [[Int]], of shape: [Int], fill: Float) {
        let output = indices.map(\.count)
        let (from, to) = (MemoryOrder.strides(of: shape), MemoryOrder.strides(of: output))
        let axes = MemoryOrder.axes(of: output)
        self.init(
            source: axes.map { axis in indices[axis].map { $0 < 0 ? Self.missing : $0 * from[axis] } },
            target: axes.map { axis in output.indices(of: axis, stride: to[axis]) }, fill: fill,
            inputCount: shape.reduce(1, *), outputCount: output.reduce(1, *))
    }

    /// Axis `i` of the output is axis `permutation[i]` of the input.
    public init(transposing shape: [Int], by permutation: [Int]) {
        let output = permutation.map { shape[$0] }
        let (from, to) = (MemoryOrder.strides(of: shape), MemoryOrder.strides(of: output))
        let axes = MemoryOrder.axes(of: output)
        self.init(
            source: axes.map { axis in output.indices(of: axis, stride: from[permutation[axis]]) },
            target: axes.map { axis in output.indices(of: axis, stride: to[axis]) },
            inputCount: shape.reduce(1, *), outputCount: output.reduce(1, *))
    }

    /// The same elements in the same logical order.
    ///
    /// - Throws: ``ComputeError/tooLarge(what:limit:)`` where a large map and another shape have no extents in common, so that
    ///   each element would need a place in a table.
    public init(reshaping shape: [Int], to output: [Int]) throws(ComputeError) {
        let count = shape.reduce(1, *)
        if shape.count != 3, output.count != 3 {
            self.init(copying: count)
            return
        }
        // A walk over the extents that both shapes are made of; where there are none such, element by element.
        let common = Self.commonParts(shape, output)
        guard common != nil || count <= Self.largestTable else {
            throw .tooLarge(what: "a map of \(shape) reshaped to \(output)", limit: Self.largestTable)
        }
        let parts = common ?? [count]
        let walk = MemoryOrder.rowMajor(parts)
        func places(_ shape: [Int]) -> [[Int]] {
            let (logical, memory) = (MemoryOrder.rowMajor(shape), MemoryOrder.strides(of: shape))
            return parts.indices.map { part in
                (0..<parts[part]).map { index in
                    let position = index * walk[part]
                    return shape.indices.reduce(0) { $0 + position / logical[$1] % shape[$1] * memory[$1] }
                }
            }
        }
        self.init(source: places(shape), target: places(output), inputCount: count, outputCount: count)
    }

    /// Elements as they lie.
    private init(copying count: Int) {
        source = []
        target = []
        runs = [Run(source: 0, target: 0, count: count)]
        (runLength, fill, rows) = (count, 0, 1)
        (inputCount, outputCount) = (count, count)
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
                source: axes.map { shape.indices(of: $0, stride: from[$0]) },
                target: axes.map { other in
                    (0..<shape[other]).map { ($0 + (other == axis ? start : 0)) * to[other] }
                }, inputCount: shape.reduce(1, *), outputCount: output.reduce(1, *))
        }
    }

    /// Reads `images` times the input and writes as often its part of the output, not in place.
    public func run(
        input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, images: Int, pool: ComputePool?
    ) {
        RowSplit(images: images, rows: rows, workPerImage: rows * runLength, pool: pool).run { image, rows in
            let (input, output) = (input + image * inputCount, output + image * outputCount)
            for row in rows { copy(row, from: input, to: output) }
        }
    }

    private func copy(_ row: Int, from input: UnsafePointer<Float>, to output: UnsafeMutablePointer<Float>) {
        var (rest, from, to) = (row, 0, 0)
        for axis in target.indices.reversed() {
            let (next, index) = rest.quotientAndRemainder(dividingBy: target[axis].count)
            rest = next
            to += target[axis][index]
            from = from < 0 || source[axis][index] < 0 ? Self.missing : from + source[axis][index]
        }
        runs.withUnsafeBufferPointer { runs in
            for run in runs {
                let start = output + to + run.target
                if from < 0 || run.source < 0 {
                    start.update(repeating: fill, count: run.count)
                } else if run.count == 1 {
                    start.pointee = input[from + run.source]
                } else {
                    start.update(from: input + from + run.source, count: run.count)
                }
            }
        }
    }
}

extension [Int] {
    /// Where the indices of an axis lie.
    fileprivate func indices(of axis: Int, stride: Int) -> [Int] { (0..<self[axis]).map { $0 * stride } }
}
