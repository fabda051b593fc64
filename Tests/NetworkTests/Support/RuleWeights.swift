import Compute

@testable import Network

/// Weights that follow from a rule, the same here and in scripts/network_weights.py: no file holds them.
struct RuleWeights: TensorSource {
    /// The last layer, and how many outputs it has.
    let classifier: String
    let classes: Int
    /// A layer by whose name the convention is found.
    let stem: String

    func shape(of name: String) -> [Int]? {
        if name == "\(classifier).weight" { return [classes] }
        return name == "\(stem).weight" ? [] : nil
    }

    func tensor(_ name: String, shape: [Int]) throws -> Tensor {
        let count = try Tensor.elementCount(of: shape)
        let kind = name.split(separator: ".").last ?? ""
        let rule: (Float) -> Float
        switch (kind, shape.count) {
        case ("running_var", _): rule = { 1 + 0.5 * $0 }
        case ("gamma", _), ("layer_scale", _), ("weight", 1): rule = { 1 + 0.25 * $0 }
        case ("weight", _):
            let bound = (Float(6) / Float(count / shape[0])).squareRoot()
            rule = { bound * $0 }
        default: rule = { 0.1 * $0 }
        }
        let start = Self.start(name)
        let table = (Self.numbers[start...] + Self.numbers[..<start]).map(rule)
        return try Tensor(shape: shape) { floats in
            var filled = 0
            while filled < count {
                let part = min(table.count, count - filled)
                _ = UnsafeMutableBufferPointer(rebasing: floats[filled..<filled + part])
                    .initialize(fromContentsOf: table[..<part])
                filled += part
            }
        }
    }

    /// The input, `H × W × C` floats; the rule gives them in C, H, W order.
    static func image(_ shape: [Int]) -> [Float] {
        let pixels = shape[1] * shape[2]
        return (0..<shape[0] * pixels).map { index in
            numbers[(index % shape[0] * pixels + index / shape[0]) % numbers.count]
        }
    }

    /// Knuth's 64-bit linear congruential generator, seed 1, to −1 … 1.
    private static let numbers: [Float] = {
        var state: UInt64 = 1
        return (0..<4093).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(state >> 40) / 0x1p23 - 1
        }
    }()

    /// FNV-1a of 32 bits, within the table.
    private static func start(_ name: String) -> Int {
        let hash = name.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
        return Int(hash) % numbers.count
    }
}
