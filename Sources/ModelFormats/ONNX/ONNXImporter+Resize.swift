import Compute
import Foundation
import Network

/// Resizing: nearest neighbours are a selection, linear and cubic a mixture along each axis.
extension ONNXImporter {
    /// Also `Upsample`, which it replaced, and whose positions are asymmetric.
    mutating func resize(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let isUpsample = node.operatorName == "Upsample"
        let value = try input(node, 0)
        let rule = try ResizeRule(node, operatorSet: operatorSet)
        // Inputs: since operator set 11 a region of interest comes second, and sizes may take the scales' place.
        let scalesInput = isUpsample || operatorSet < 11 ? 1 : 2
        var (scales, sizes) = ([Double]?.none, [Int]?.none)
        if operatorSet < 9, isUpsample {
            scales = try node.floats("scales")?.map(Double.init)
        } else if let input = try optionalInput(node, scalesInput), try tensor(input, of: node).count > 0 {
            scales = try tensor(input, of: node).values.map(Double.init)
        } else if try optionalInput(node, 3) != nil {
            sizes = try knownIntegers(node, 3)
        }
        let axes = try node.integers("axes")
        let (shape, leading) = perImage(value)
        let rank = shape.count + leading
        let resized = axes ?? Array(0..<rank)
        guard resized.count <= rank, (scales?.count ?? sizes?.count) == resized.count else {
            throw node.malformed(
                "scales or sizes", expected: "\(resized.count)", found: "\(scales?.count ?? sizes?.count ?? 0)")
        }
        let changes = try Self.extents(resized, shape, leading, scales: scales, sizes: sizes, node)
        let type = try type(node)
        if rule.isNearest {
            var indices = try Self.allIndices(shape, node)
            for (axis, change) in changes {
                indices[axis] = rule.nearest(shape[axis], change.output, scale: change.scale)
            }
            return try apply(node, [value], type: type) { _, _ in .select(Selection(indices: indices)) }
        }
        // One axis after another, those that shrink first.
        var result = value
        for (axis, change) in changes.sorted(by: { ($0.value.scale, $0.key) < ($1.value.scale, $1.key) })
        where change.output != shape[axis] || change.scale != 1 {
            let taps = rule.taps(shape[axis], change.output, scale: change.scale)
            result = try apply(node, [result], type: type) { _, _ in .resample(axis: axis, taps) }
        }
        return result
    }

    /// The new extent and the scale of each axis that changes, by its position within an image.
    private static func extents(
        _ axes: [Int], _ shape: [Int], _ leading: Int, scales: [Double]?, sizes: [Int]?, _ node: ONNXNode
    ) throws(ModelFormatError) -> [Int: (output: Int, scale: Double)] {
        let policy = try node.string("keep_aspect_ratio_policy") ?? "stretch"
        var changes: [Int: (output: Int, scale: Double)] = [:]
        var ratio: Double?
        if policy != "stretch", let sizes {
            let rank = shape.count + leading
            let ratios = zip(axes, sizes).compactMap { given, size -> Double? in
                let axis = (given < 0 ? given + rank : given) - leading
                return shape.indices.contains(axis) ? Double(size) / Double(shape[axis]) : nil
            }
            ratio = policy == "not_larger" ? ratios.min() : ratios.max()
        }
        for (index, given) in axes.enumerated() {
            let rank = shape.count + leading
            guard (-rank..<rank).contains(given) else {
                throw node.malformed("axes", expected: "from \(-rank) to \(rank - 1)", found: "\(given)")
            }
            let axis = (given < 0 ? given + rank : given) - leading
            guard axis >= 0 else {
                if scales?[index] ?? 1 == 1 { continue }
                throw node.unsupported("axis", found: "0, that of the images", supported: "axes within one image")
            }
            let extent = Double(shape[axis])
            let scale = scales?[index] ?? ratio ?? Double(sizes?[index] ?? 0) / extent
            // Half up.
            let output = ratio != nil ? (scale * extent + 0.5).rounded(.down) : Double(sizes?[index] ?? 0)
            // In float32, as ONNX infers shapes: 10 · 0.7 is 7.
            let rounded = scales == nil ? output : Double((Float(extent) * Float(scale)).rounded(.down))
            guard scale > 0, scale.isFinite, (1...65536).contains(rounded), extent <= 65536 else {
                throw node.malformed("scales or sizes", expected: "an extent from 1 to 65536", found: "\(rounded)")
            }
            changes[axis] = (Int(rounded), scale)
        }
        return changes
    }
}

/// How positions of the output lie on the input, and what they take from it
/// (https://onnx.ai/onnx/operators/onnx__Resize.html).
private struct ResizeRule {
    let isNearest: Bool
    private let isCubic: Bool
    private let transformation: String
    private let rounding: String
    private let cubicCoefficient: Double
    private let excludesOutside: Bool
    private let antialiases: Bool

    init(_ node: ONNXNode, operatorSet: Int64) throws(ModelFormatError) {
        let mode = try node.string("mode") ?? "nearest"
        guard ["nearest", "linear", "bilinear", "cubic"].contains(mode) else {
            throw node.unsupported("attribute 'mode'", found: mode.quoted, supported: "nearest, linear, cubic")
        }
        isNearest = mode == "nearest"
        isCubic = mode == "cubic"
        let isOld = node.operatorName == "Upsample" || operatorSet < 11
        transformation = try node.string("coordinate_transformation_mode") ?? (isOld ? "asymmetric" : "half_pixel")
        let known = ["half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric"]
        guard known.contains(transformation) else {
            throw node.unsupported(
                "attribute 'coordinate_transformation_mode'", found: transformation.quoted,
                supported: known.joined(separator: ", "))
        }
        rounding = try node.string("nearest_mode") ?? (isOld ? "floor" : "round_prefer_floor")
        let roundings = ["floor", "ceil", "round_prefer_floor", "round_prefer_ceil"]
        guard roundings.contains(rounding) else {
            throw node.unsupported(
                "attribute 'nearest_mode'", found: rounding.quoted, supported: roundings.joined(separator: ", "))
        }
        cubicCoefficient = Double(try node.float("cubic_coeff_a") ?? -0.75)
        excludesOutside = try node.integer("exclude_outside") ?? 0 != 0
        antialiases = try node.integer("antialias") ?? 0 != 0
    }

    /// Where a position of the output lies on the input.
    private func place(_ position: Int, _ input: Int, _ output: Int, _ scale: Double) -> Double {
        let x = Double(position)
        switch transformation {
        case "asymmetric": return x / scale
        case "align_corners":
            // Of the unrounded output extent.
            let span = Double(input) * scale - 1
            return span == 0 ? 0 : x * Double(input - 1) / span
        case "pytorch_half_pixel": return output > 1 ? (x + 0.5) / scale - 0.5 : 0
        case "half_pixel_symmetric":
            let adjustment = Double(output) / (scale * Double(input))
            let centre = Double(input) / 2
            return centre * (1 - adjustment) + (x + 0.5) / scale - 0.5
        default: return (x + 0.5) / scale - 0.5
        }
    }

    func nearest(_ input: Int, _ output: Int, scale: Double) -> [Int] {
        (0..<output).map { position in
            let place = place(position, input, output, scale)
            let rounded =
                switch rounding {
                case "floor": place.rounded(.down)
                case "ceil": place.rounded(.up)
                case "round_prefer_ceil": (place + 0.5).rounded(.down)
                default: (place - 0.5).rounded(.up)
                }
            return max(0, min(input - 1, Int(rounded)))
        }
    }

    func taps(_ input: Int, _ output: Int, scale: Double) -> [ResamplingTaps] {
        // Shrinking with antialiasing widens the filter by as much.
        let stretch = antialiases ? min(scale, 1) : 1
        let reach = (isCubic ? 2.0 : 1.0) / stretch
        return (0..<output).map { position in
            let place = place(position, input, output, scale)
            let first = Int((place - reach).rounded(.down)) + 1
            let last = Int((place + reach).rounded(.up)) - 1
            var weights: [Int: Double] = [:]
            var sum = 0.0
            for index in first...max(first, last) {
                let weight = filter((Double(index) - place) * stretch)
                if excludesOutside, !(0..<input).contains(index) { continue }
                weights[max(0, min(input - 1, index)), default: 0] += weight
                sum += weight
            }
            let indices = weights.keys.sorted()
            return ResamplingTaps(indices: indices, weights: indices.map { Float((weights[$0] ?? 0) / sum) })
        }
    }

    private func filter(_ x: Double) -> Double {
        let d = abs(x)
        if !isCubic { return max(0, 1 - d) }
        let a = cubicCoefficient
        if d < 1 { return ((a + 2) * d - (a + 3)) * d * d + 1 }
        return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0
    }
}
