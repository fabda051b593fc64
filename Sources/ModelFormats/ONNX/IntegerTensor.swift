/// A small int64 tensor of a graph's shape arithmetic, evaluated while the file is read.
///
/// Exporters compute shapes and pads with operators. All of them are known here, except the batch size.
struct IntegerTensor: Equatable {
    enum Element: Equatable {
        case value(Int)
        /// The number of images, which is decided for each run.
        case batch
    }

    /// `[]` is a scalar.
    let shape: [Int]
    let elements: [Element]

    /// `nil` where `elements` are not as many as `shape` says, or the shape is not one or too large.
    init?(shape: [Int], elements: [Element]) {
        guard Self.count(shape) == elements.count else { return nil }
        self.shape = shape
        self.elements = elements
    }

    private init(unchecked elements: [Element], shape: [Int]) {
        self.shape = shape
        self.elements = elements
    }

    /// A vector.
    init(_ elements: [Element]) {
        self.init(unchecked: elements, shape: [elements.count])
    }

    /// The elements, or `nil` where the batch size is among them.
    var values: [Int]? {
        let values = elements.compactMap { element -> Int? in
            if case .value(let value) = element { value } else { nil }
        }
        return values.count == elements.count ? values : nil
    }

    /// `function` of each pair of elements; `nil` where the batch size is among them, or where the shapes are neither equal nor
    /// one of them that of a single number.
    func combined(
        with other: IntegerTensor, _ function: (Int, Int) throws(ModelFormatError) -> Int
    ) throws(ModelFormatError) -> IntegerTensor? {
        guard let first = values, let second = other.values,
            shape == other.shape || first.count == 1 || second.count == 1
        else { return nil }
        let count = first.count == 1 ? second.count : first.count
        var elements: [Element] = []
        for index in 0..<count {
            let (x, y) = (first[first.count == 1 ? 0 : index], second[second.count == 1 ? 0 : index])
            elements.append(.value(try function(x, y)))
        }
        return IntegerTensor(
            shape: shape.count >= other.shape.count && first.count == count ? shape : other.shape, elements: elements)
    }

    /// Of the elements in memory.
    var byteCount: Int { elements.count * MemoryLayout<Element>.stride }

    /// The same elements under another shape; `nil` where the products differ.
    func reshaped(_ shape: [Int]) -> IntegerTensor? { IntegerTensor(shape: shape, elements: elements) }

    /// The parts at `indices` of `axis`, in that order; all must exist.
    func selecting(_ indices: [Int], axis: Int) -> IntegerTensor {
        let outer = shape[..<axis].reduce(1, *)
        let inner = shape[(axis + 1)...].reduce(1, *)
        var selected: [Element] = []
        for block in 0..<outer {
            for index in indices {
                let start = (block * shape[axis] + index) * inner
                selected += elements[start..<start + inner]
            }
        }
        var shape = shape
        shape[axis] = indices.count
        return IntegerTensor(unchecked: selected, shape: shape)
    }

    /// Axis `i` of the result is axis `permutation[i]` of this tensor.
    func transposed(_ permutation: [Int]) -> IntegerTensor {
        let transposedShape = permutation.map { shape[$0] }
        let transposed = elements.indices.map { position in
            var (rest, source) = (position, 0)
            for (axis, extent) in zip(permutation, transposedShape).reversed() {
                source += rest % extent * shape[(axis + 1)...].reduce(1, *)
                rest /= extent
            }
            return elements[source]
        }
        return IntegerTensor(unchecked: transposed, shape: transposedShape)
    }

    /// `nil` where an extent is negative or the tensor too large. An extent of 0 counts as 1 towards the limit,
    /// so that no product of some of the extents overflows.
    private static func count(_ shape: [Int]) -> Int? {
        var bound = 1
        for extent in shape {
            let (product, overflow) = bound.multipliedReportingOverflow(by: max(extent, 1))
            guard extent >= 0, !overflow, product <= ONNXTensor.integerLimit else { return nil }
            bound = product
        }
        return shape.contains(0) ? 0 : bound
    }
}

extension IntegerTensor: CustomStringConvertible {
    var description: String {
        let shown = elements.prefix(16).map { element in
            switch element {
            case .value(let value): "\(value)"
            case .batch: "batch"
            }
        }
        return "[\(shown.joined(separator: ", "))\(elements.count > 16 ? ", …" : "")]"
    }
}
