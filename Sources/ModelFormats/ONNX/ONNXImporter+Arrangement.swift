import Compute
import Network

/// Operators that move numbers without changing them.
extension ONNXImporter {
    mutating func concat(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        var values: [ONNXValue] = []
        for index in node.inputs.indices { values.append(try input(node, index)) }
        let given = Int(try node.integer("axis") ?? 0)
        if let integers = Self.integerTensors(values) {
            for tensor in integers { try budget.spend(tensor.byteCount, for: node.location) }
            return try concat(node, integers, axis: given)
        }
        return try apply(node, values, type: try type(node)) { shapes, leading throws(ModelFormatError) in
            .concatenate(axis: try node.axis(given, of: shapes[0], leading: leading))
        }
    }

    /// One value for each output.
    mutating func split(_ node: ONNXNode) throws(ModelFormatError) -> [ONNXValue] {
        let value = try input(node, 0)
        let given = Int(try node.integer("axis") ?? 0)
        var sizes = operatorSet < 13 ? try node.integers("split") : nil
        if operatorSet >= 13, try optionalInput(node, 1) != nil { sizes = try knownIntegers(node, 1) }
        let declared = try node.integer("num_outputs") ?? Int64(node.outputs.count)
        let count = sizes?.count ?? Int(declared)
        guard (1...128).contains(count) else {
            throw node.unsupported("outputs", found: "\(count)", supported: "1 to 128")
        }
        var results: [ONNXValue] = []
        for index in 0..<count {
            let type = try type(node)
            let part = try apply(node, [value], type: type) { shapes, leading throws(ModelFormatError) in
                let axis = try node.axis(given, of: shapes[0], leading: leading)
                // The last is smaller where they do not come out even.
                let size = (shapes[0][axis] + count - 1) / count
                let start = sizes?[..<index].reduce(0, &+) ?? index * size
                let end = sizes.map { start &+ $0[index] } ?? min(shapes[0][axis], start + size)
                guard start >= 0, start <= end, end <= shapes[0][axis] else {
                    throw node.malformed(
                        "split", expected: "parts of \(shapes[0][axis])", found: "\(sizes ?? [size])")
                }
                return try Self.select(shapes[0], axis, Array(start..<end), node)
            }
            results.append(part)
        }
        return results
    }

    /// Inputs (attributes until operator set 9): data, starts, ends and optionally axes and steps; positions beyond the ends
    /// are moved to them.
    mutating func slice(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let value = try input(node, 0)
        let starts: [Int]
        let ends: [Int]
        let axes: [Int]
        var steps: [Int]?
        if operatorSet < 10 {
            starts = try node.integers("starts") ?? []
            ends = try node.integers("ends") ?? []
            axes = try node.integers("axes") ?? Array(starts.indices)
        } else {
            starts = try knownIntegers(node, 1)
            ends = try knownIntegers(node, 2)
            axes = try optionalInput(node, 3) == nil ? Array(starts.indices) : try knownIntegers(node, 3)
            steps = try optionalInput(node, 4) == nil ? nil : try knownIntegers(node, 4)
        }
        let strides = steps ?? Array(repeating: 1, count: starts.count)
        guard ends.count == starts.count, axes.count == starts.count, strides.count == starts.count,
            starts.count <= ONNXTensor.rankLimit
        else {
            throw node.malformed(
                "inputs", expected: "as many starts, ends, axes and steps, at most \(ONNXTensor.rankLimit)",
                found: "\(starts.count), \(ends.count), \(axes.count) and \(strides.count)")
        }
        if case .integers = value {
            var tensor = try integers(node, 0)
            for index in starts.indices {
                let axis = try node.axis(axes[index], rank: tensor.shape.count)
                let kept = try Self.range(
                    starts[index], ends[index], step: strides[index], extent: tensor.shape[axis], node)
                tensor = tensor.selecting(kept, axis: axis)
            }
            return .integers(tensor)
        }
        return try apply(node, [value], type: try type(node)) { shapes, leading throws(ModelFormatError) in
            var indices = try Self.allIndices(shapes[0], node)
            for index in starts.indices {
                let axis = try node.axis(axes[index], rank: shapes[0].count + leading) - leading
                let isAll = starts[index] == 0 && ends[index] >= Int(Int32.max) && strides[index] == 1
                guard axis >= 0 else {
                    if isAll { continue }
                    throw node.unsupported("axis", found: "0, that of the images", supported: "axes within one image")
                }
                indices[axis] = try Self.range(
                    starts[index], ends[index], step: strides[index], extent: shapes[0][axis], node)
            }
            return .select(Selection(indices: indices))
        }
    }

    private static func range(
        _ start: Int, _ end: Int, step: Int, extent: Int, _ node: ONNXNode
    ) throws(ModelFormatError) -> [Int] {
        let step = max(-extent - 1, min(extent + 1, step))
        guard step != 0 else { throw node.malformed("steps", expected: "other than 0", found: "0") }
        let limits = step > 0 ? 0...extent : -1...extent - 1
        let bounds = [start, end].map { position in
            min(max(position < 0 ? position + extent : position, limits.lowerBound), limits.upperBound)
        }
        return Array(stride(from: bounds[0], to: bounds[1], by: step))
    }

    mutating func gather(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let (value, indices) = (try input(node, 0), try integers(node, 1))
        let given = Int(try node.integer("axis") ?? 0)
        let wanted = try knownIntegers(node, 1)
        func positions(_ extent: Int) throws(ModelFormatError) -> [Int] {
            let positions = wanted.map { $0 < 0 ? $0 &+ extent : $0 }
            guard positions.allSatisfy({ (0..<extent).contains($0) }) else {
                throw node.malformed(
                    "indices", expected: "from \(-extent) to \(extent - 1)",
                    found: "\(indices) of shape \(indices.shape)")
            }
            return positions
        }
        if case .integers = value {
            let tensor = try integers(node, 0)
            let axis = try node.axis(given, rank: tensor.shape.count)
            return try gather(
                node, tensor, axis: axis, positions(tensor.shape[axis]), shape: indices.shape)
        }
        let type = try type(node)
        var shape: [Int] = []
        let selected = try apply(node, [value], type: type) { shapes, leading throws(ModelFormatError) in
            let axis = try node.axis(given, of: shapes[0], leading: leading)
            shape = shapes[0][..<axis] + indices.shape + shapes[0][(axis + 1)...]
            return try Self.select(shapes[0], axis, try positions(shapes[0][axis]), node)
        }
        return indices.shape.count == 1 ? selected : try apply(node, [selected], type: type) { _, _ in .reshape(shape) }
    }

    mutating func transpose(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let value = try input(node, 0)
        let given = try node.integers("perm")
        func order(_ rank: Int) throws(ModelFormatError) -> [Int] {
            let order = given ?? Array((0..<rank).reversed())
            guard order.sorted() == Array(0..<rank) else {
                throw node.malformed(
                    "attribute 'perm'", expected: "an order of 0..<\(rank)", found: "\(order.prefix(16))")
            }
            return order
        }
        if case .integers = value {
            let tensor = try integers(node, 0)
            return .integers(tensor.transposed(try order(tensor.shape.count)))
        }
        return try apply(node, [value], type: try type(node)) { shapes, leading throws(ModelFormatError) in
            let order = try order(shapes[0].count + leading)
            guard leading == 0 || order.first == 0 else {
                throw node.unsupported("attribute 'perm'", found: "\(order)", supported: "the images' axis first")
            }
            return .transpose(order.dropFirst(leading).map { $0 - leading })
        }
    }

    mutating func pad(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let value = try input(node, 0)
        let mode = try node.string("mode") ?? "constant"
        let fill = try operatorSet < 11 ? node.float("value") : scalar(node, 2)
        let pads = try operatorSet < 11 ? node.integers("pads") ?? [] : knownIntegers(node, 1)
        let axes = try optionalInput(node, 3) == nil ? nil : try knownIntegers(node, 3)
        guard pads.count.isMultiple(of: 2), pads.allSatisfy({ (-65536...65536).contains($0) }) else {
            throw node.unsupported("pads", found: "\(pads.prefix(16))", supported: "pairs from −65536 to 65536")
        }
        return try apply(node, [value], type: try type(node)) { shapes, leading throws(ModelFormatError) in
            let rank = shapes[0].count + leading
            let axes = axes ?? Array(0..<rank)
            guard pads.count == 2 * axes.count, axes.count <= rank else {
                throw node.malformed(
                    "pads", expected: "two for each of at most \(rank) axes",
                    found: "\(pads.count) for \(axes.count) axes")
            }
            var indices = try Self.allIndices(shapes[0], node)
            var insets = EdgeInsets()
            for (index, given) in axes.enumerated() {
                let (before, after) = (pads[index], pads[index + axes.count])
                let axis = try node.axis(given, rank: rank) - leading
                guard axis >= 0 else {
                    if before == 0, after == 0 { continue }
                    throw node.unsupported("pads", found: "\(pads)", supported: "0 for the images' axis")
                }
                indices[axis] = try Self.padded(shapes[0][axis], before, after, mode: mode, node)
                if axis == 1 { (insets.top, insets.bottom) = (before, after) }
                if axis == 2 { (insets.left, insets.right) = (before, after) }
            }
            // What convolutions can do on the way.
            if shapes[0].count == 3, mode == "constant", fill ?? 0 == 0, indices[0].count == shapes[0][0],
                [insets.top, insets.left, insets.bottom, insets.right].allSatisfy({ $0 >= 0 })
            {
                return .pad(insets)
            }
            return .select(Selection(indices: indices, fill: fill ?? 0))
        }
    }

    private static func padded(
        _ extent: Int, _ before: Int, _ after: Int, mode: String, _ node: ONNXNode
    ) throws(ModelFormatError) -> [Int] {
        guard extent + before + after > 0 else {
            throw node.malformed("pads", expected: "something left of \(extent)", found: "\(before) and \(after)")
        }
        let positions = -before..<extent + after
        switch mode {
        case "constant": return positions.map { (0..<extent).contains($0) ? $0 : -1 }
        case "edge": return positions.map { max(0, min(extent - 1, $0)) }
        case "wrap": return positions.map { ($0 % extent + extent) % extent }
        case "reflect":
            guard extent > 1 else { return positions.map { _ in 0 } }
            let period = 2 * (extent - 1)
            return positions.map { position in
                let place = (position % period + period) % period
                return min(place, period - place)
            }
        default:
            throw node.unsupported(
                "attribute 'mode'", found: mode.quoted, supported: "constant, edge, reflect, wrap")
        }
    }

    /// Between arrays of any rank, an image at a time: the first axis stays that of the images.
    mutating func reshape(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let (value, target) = (try input(node, 0), try integers(node, 1))
        let keepsZero = try node.integer("allowzero") ?? 0 == 0
        let declaredBatch = declaredBatch
        if case .integers = value { return try reshape(node, try integers(node, 0), target) }
        return try apply(node, [value], type: try type(node)) { shapes, leading throws(ModelFormatError) in
            var extents = target.elements
            if leading == 1 { try Self.takeBatch(node, &extents, shapes[0], target, declared: declaredBatch) }
            guard extents.count <= ONNXTensor.rankLimit else {
                throw node.unsupported("shape", found: "\(target)", supported: "at most \(ONNXTensor.rankLimit) axes")
            }
            var shape: [Int] = []
            for (index, extent) in extents.enumerated() {
                switch extent {
                case .value(0) where keepsZero && index < shapes[0].count: shape.append(shapes[0][index])
                case .value(let number): shape.append(number)
                case .batch:
                    throw node.unsupported("shape", found: "\(target)", supported: "the batch size as the first extent")
                }
            }
            let count = shapes[0].reduce(1, *)
            if let free = shape.firstIndex(of: -1) {
                shape[free] = 1
                let known = try? Tensor.elementCount(of: shape)
                guard let known, known > 0, count.isMultiple(of: known) else {
                    throw node.malformed("shape", expected: "one for \(count) elements", found: "\(target)")
                }
                shape[free] = count / known
            }
            guard (try? Tensor.elementCount(of: shape)) == count else {
                throw node.unsupported(
                    "shape", found: "\(target) for activations \(shapes[0])",
                    supported: "[N, …] of \(count) elements an image, with N the batch size, 0 or −1")
            }
            return shape.count == 1 ? .flatten : .reshape(shape)
        }
    }

    /// Takes the images' extent, which must be the first, from a shape.
    private static func takeBatch(
        _ node: ONNXNode, _ extents: inout [IntegerTensor.Element], _ shape: [Int], _ target: IntegerTensor,
        declared: Int64?
    ) throws(ModelFormatError) {
        guard let first = extents.first else {
            throw node.malformed("shape", expected: "an extent for the images", found: "none")
        }
        extents.removeFirst()
        if first == .batch || first == .value(0) || declared.map({ first == .value(Int($0)) }) == true {
            extents = extents.enumerated().map { index, extent in
                extent == .value(0) && index < shape.count ? .value(shape[index]) : extent
            }
            return
        }
        // −1 is the images' where the others are an image's.
        var product = 1
        for (index, extent) in extents.enumerated() {
            guard case .value(let number) = extent, number >= 0 else { product = -1; break }
            let known = number == 0 && index < shape.count ? shape[index] : number
            let (next, overflow) = product.multipliedReportingOverflow(by: known)
            product = overflow ? -1 : next
            if product < 0 { break }
            extents[index] = .value(known)
        }
        guard first == .value(-1), product == shape.reduce(1, *) else {
            throw node.unsupported(
                "shape", found: "\(target) for activations \(shape)",
                supported: "[N, …] of \(shape.reduce(1, *)) elements an image, with N the batch size, 0 or −1")
        }
    }

    mutating func flatten(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let given = Int(try node.integer("axis") ?? 1)
        return try apply(node, [try input(node, 0)], type: try type(node)) { shapes, leading throws(ModelFormatError) in
            let shape = shapes[0]
            let rank = shape.count + leading
            guard (-rank...rank).contains(given) else {
                throw node.malformed("attribute 'axis'", expected: "\(-rank) to \(rank)", found: "\(given)")
            }
            let axis = given < 0 ? given + rank : given
            if leading == 1 {
                guard axis == 1 else {
                    throw node.unsupported("attribute 'axis'", found: "\(axis)", supported: "1")
                }
                return .flatten
            }
            return .reshape([shape[..<axis].reduce(1, *), shape[axis...].reduce(1, *)])
        }
    }

    mutating func squeeze(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let given =
            operatorSet < 13
            ? try node.integers("axes") : try optionalInput(node, 1) == nil ? nil : try knownIntegers(node, 1)
        let value = try input(node, 0)
        if case .integers = value {
            let tensor = try integers(node, 0)
            var axes: [Int] = []
            for axis in given ?? tensor.shape.indices.filter({ tensor.shape[$0] == 1 }) {
                axes.append(try node.axis(axis, rank: tensor.shape.count))
            }
            let shape = tensor.shape.indices.filter { !axes.contains($0) }.map { tensor.shape[$0] }
            guard let squeezed = tensor.reshaped(shape) else {
                throw node.malformed("axes", expected: "those of extent 1", found: "\(axes) of shape \(tensor.shape)")
            }
            return .integers(squeezed)
        }
        return try apply(node, [value], type: try type(node)) { shapes, leading throws(ModelFormatError) in
            let shape = shapes[0]
            var axes = shape.indices.filter { shape[$0] == 1 }
            if let given {
                axes = []
                for axis in given { axes.append(try node.axis(axis, of: shape, leading: leading)) }
            }
            guard axes.allSatisfy({ shape[$0] == 1 }) else {
                throw node.malformed("axes", expected: "those of extent 1", found: "\(axes) of shape \(shape)")
            }
            return .reshape(shape.indices.filter { !axes.contains($0) }.map { shape[$0] })
        }
    }

    /// Axes are an attribute until operator set 12, an input since.
    mutating func unsqueeze(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let given = try operatorSet < 13 ? node.integers("axes") ?? [] : knownIntegers(node, 1)
        let value = try input(node, 0)
        func unsqueezed(_ shape: [Int], leading: Int) throws(ModelFormatError) -> [Int] {
            let rank = shape.count + leading + given.count
            guard rank <= ONNXTensor.rankLimit else {
                throw node.unsupported("rank", found: "\(rank)", supported: "at most \(ONNXTensor.rankLimit)")
            }
            var axes: [Int] = []
            for value in given { axes.append(try node.axis(value, rank: rank) - leading) }
            guard Set(axes).count == axes.count else {
                throw node.malformed("axes", expected: "different ones", found: "\(given)")
            }
            guard axes.allSatisfy({ $0 >= 0 }) else {
                throw node.unsupported("axes", found: "\(given)", supported: "axes behind that of the images")
            }
            var shape = shape
            for axis in axes.sorted() { shape.insert(1, at: axis) }
            return shape
        }
        if case .integers = value {
            let tensor = try integers(node, 0)
            let shape = try unsqueezed(tensor.shape, leading: 0)
            guard let result = tensor.reshaped(shape) else {
                throw node.malformed("shape", expected: "one for its elements", found: "\(shape)")
            }
            return .integers(result)
        }
        return try apply(node, [value], type: try type(node)) { shapes, leading throws(ModelFormatError) in
            .reshape(try unsqueezed(shapes[0], leading: leading))
        }
    }

    /// `[C·b², H, W] → [C, H·b, W·b]`
    mutating func depthToSpace(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let (value, b, map) = try blocks(node)
        guard map[0].isMultiple(of: b * b) else {
            throw node.malformed("input 0", expected: "channels in blocks of \(b * b)", found: "shape \(map)")
        }
        let channels = map[0] / (b * b)
        let isDepthFirst = try node.string("mode") ?? "DCR" == "DCR"
        let lead = value.isConstant ? 1 : 0
        let split = isDepthFirst ? [b, b, channels, map[1], map[2]] : [channels, b, b, map[1], map[2]]
        let order = isDepthFirst ? [2, 3, 0, 4, 1] : [0, 3, 1, 4, 2]
        return try rearranged(
            node, value, split: split, order: order, to: [channels, map[1] * b, map[2] * b], lead: lead)
    }

    /// `[C, H·b, W·b] → [C·b², H, W]`
    mutating func spaceToDepth(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let (value, b, map) = try blocks(node)
        guard map[1].isMultiple(of: b), map[2].isMultiple(of: b) else {
            throw node.malformed("input 0", expected: "extents in blocks of \(b)", found: "shape \(map)")
        }
        let isDepthFirst = try node.string("mode") ?? "DCR" == "DCR"
        return try rearranged(
            node, value, split: [map[0], map[1] / b, b, map[2] / b, b],
            order: isDepthFirst ? [2, 4, 0, 1, 3] : [0, 2, 4, 1, 3],
            to: [map[0] * b * b, map[1] / b, map[2] / b], lead: value.isConstant ? 1 : 0)
    }

    private func blocks(
        _ node: ONNXNode
    ) throws(ModelFormatError) -> (value: ONNXValue, size: Int, map: [Int]) {
        let value = try input(node, 0)
        let size = Int(try node.integer("blocksize") ?? 0)
        var shape: [Int] = []
        switch value {
        case .features(let features) where features.shape.count == 3 && batchAxes == 1: shape = features.shape
        case .floats(let tensor, _) where tensor.shape.count == 4 && tensor.shape[0] == 1:
            shape = Array(tensor.shape.dropFirst())
        default: throw node.unsupported("input 0", found: value.kind, supported: "maps [C, H, W] an image")
        }
        guard (1...1024).contains(size) else {
            throw node.malformed("attribute 'blocksize'", expected: "1 to 1024", found: "\(size)")
        }
        return (value, size, shape)
    }

    private mutating func rearranged(
        _ node: ONNXNode, _ value: ONNXValue, split: [Int], order: [Int], to shape: [Int], lead: Int
    ) throws(ModelFormatError) -> ONNXValue {
        let parts = try apply(node, [value]) { _, _ in .reshape(split) }
        let ordered = try apply(node, [parts]) { _, _ in .transpose(order) }
        return try apply(node, [ordered]) { _, _ in .reshape(Array(repeating: 1, count: lead) + shape) }
    }

    func dropout(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        // A third input that is true means training.
        if let training = try optionalInput(node, 2), try tensor(training, of: node).values.first != 0 {
            throw node.unsupported(
                "input 2 (training_mode)", found: "true", supported: "false: export the network for inference")
        }
        return try input(node, 0)
    }

    private static func select(
        _ shape: [Int], _ axis: Int, _ indices: [Int], _ node: ONNXNode
    ) throws(ModelFormatError) -> Operation {
        var all = try allIndices(shape, node)
        all[axis] = indices
        return .select(Selection(indices: all))
    }

    /// Of each axis all indices.
    static func allIndices(_ shape: [Int], _ node: ONNXNode) throws(ModelFormatError) -> [[Int]] {
        // The product is below 2^28: no overflow.
        guard shape.reduce(0, +) <= 1 << 22 else {
            throw node.unsupported(
                "input 0", found: "shape \(shape)", supported: "axes of at most \(1 << 22) indices in all")
        }
        return shape.map { Array(0..<$0) }
    }

    private static func integerTensors(_ values: [ONNXValue]) -> [IntegerTensor]? {
        var tensors: [IntegerTensor] = []
        for value in values {
            guard case .integers(let tensor) = value else { return nil }
            tensors.append(tensor)
        }
        return tensors
    }
}
