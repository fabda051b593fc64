/// How arrays of one image lie in memory: a map `[C, H, W]` in H, W, C order, any other array row by row.
enum MemoryOrder {
    /// From each axis's index to the next, in elements.
    static func strides(of shape: [Int]) -> [Int] {
        if shape.count == 3 { return [1, shape[2] * shape[0], shape[0]] }
        return rowMajor(shape)
    }

    /// The logical order: the last axis's elements follow one another.
    static func rowMajor(_ shape: [Int]) -> [Int] {
        var strides = [Int](repeating: 1, count: shape.count)
        for axis in shape.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * shape[axis + 1] }
        return strides
    }

    /// The axes as they lie in memory, the one whose elements follow one another last.
    static func axes(of shape: [Int]) -> [Int] {
        shape.count == 3 ? [1, 2, 0] : Array(shape.indices)
    }
}
