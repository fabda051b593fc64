import Compute
import Foundation

/// RegNet (Radosavovic et al., "Designing Network Design Spaces", 2020): residual bottlenecks of grouped convolutions whose
/// widths follow a line; the Y networks have squeeze-and-excitation.
public struct RegNet: ConvolutionalNetwork {
    /// The widths of the blocks are `w0 + slope · block`, rounded to `w0 · factor^k`.
    private let depth: Int
    private let initialWidth: Int
    private let slope: Double
    private let factor: Double
    private let groupWidth: Int
    private let hasExcitation: Bool
    /// torchvision rounds a width that lies between two numbers of whole groups up, and also one that would lose more than a
    /// tenth; the paper's code, and timm, round to even.
    private let roundsUp: Bool

    /// Names of the X networks by their multiply-adds, in millions.
    public static func x(_ size: Size, roundsUp: Bool = true) -> RegNet {
        switch size {
        case .mf400: RegNet(22, 24, 24.48, 2.54, groupWidth: 16, roundsUp: roundsUp)
        case .mf800: RegNet(16, 56, 35.73, 2.28, groupWidth: 16, roundsUp: roundsUp)
        case .gf1_6: RegNet(18, 80, 34.01, 2.25, groupWidth: 24, roundsUp: roundsUp)
        case .gf3_2: RegNet(25, 88, 26.31, 2.25, groupWidth: 48, roundsUp: roundsUp)
        case .gf8: RegNet(23, 80, 49.56, 2.88, groupWidth: 120, roundsUp: roundsUp)
        }
    }

    public static func y(_ size: Size, roundsUp: Bool = true) -> RegNet {
        switch size {
        case .mf400: RegNet(16, 48, 27.89, 2.09, groupWidth: 8, hasExcitation: true, roundsUp: roundsUp)
        case .mf800: RegNet(14, 56, 38.84, 2.4, groupWidth: 16, hasExcitation: true, roundsUp: roundsUp)
        case .gf1_6: RegNet(27, 48, 20.71, 2.65, groupWidth: 24, hasExcitation: true, roundsUp: roundsUp)
        case .gf3_2: RegNet(21, 80, 42.63, 2.66, groupWidth: 24, hasExcitation: true, roundsUp: roundsUp)
        case .gf8: RegNet(17, 192, 76.82, 2.19, groupWidth: 56, hasExcitation: true, roundsUp: roundsUp)
        }
    }

    /// About how many multiply-adds an image takes: 400 million to 8 thousand million.
    public enum Size: Sendable {
        case mf400, mf800, gf1_6, gf3_2, gf8
    }

    private init(
        _ depth: Int, _ initialWidth: Int, _ slope: Double, _ factor: Double, groupWidth: Int,
        hasExcitation: Bool = false, roundsUp: Bool
    ) {
        self.depth = depth
        self.initialWidth = initialWidth
        self.slope = slope
        self.factor = factor
        self.groupWidth = groupWidth
        self.hasExcitation = hasExcitation
        self.roundsUp = roundsUp
    }

    /// Equations 2 to 4 of the paper: widths of the four stages and how many blocks have each.
    private var stages: [(width: Int, depth: Int)] {
        var stages: [(width: Int, depth: Int)] = []
        for block in 0..<depth {
            let line = Double(initialWidth) + slope * Double(block)
            let power = (log(line / Double(initialWidth)) / log(factor)).rounded(.toNearestOrEven)
            let width = Int((Double(initialWidth) * pow(factor, power) / 8).rounded(.toNearestOrEven)) * 8
            if stages.last?.width == width {
                stages[stages.count - 1].depth += 1
            } else {
                stages.append((width, 1))
            }
        }
        return stages.map { (wholeGroups($0.width), $0.depth) }
    }

    /// The nearest width that consists of whole groups.
    private func wholeGroups(_ width: Int) -> Int {
        let group = min(groupWidth, width)
        let exact = Double(width) / Double(group)
        let rounded = Int(exact.rounded(roundsUp ? .toNearestOrAwayFromZero : .toNearestOrEven)) * group
        return roundsUp && 10 * rounded < 9 * width ? rounded + group : rounded
    }

    public func graph(weights source: some TensorSource, inputShape: [Int]) throws -> Graph {
        let stem = LayerName("stem.0", timm: "stem.conv")
        var builder = NetworkBuilder(inputShape: inputShape, source: source, stem: stem)
        var x = try builder.normalizedConvolution(
            "stem", as: (stem, LayerName("stem.1", timm: "stem.bn")), builder.input, to: 32, kernel: 3, stride: 2,
            activation: .activation(.relu))
        for (stage, (width, depth)) in stages.enumerated() {
            for index in 0..<depth {
                let tensors = LayerName(
                    "trunk_output.block\(stage + 1).block\(stage + 1)-\(index).", timm: "s\(stage + 1).b\(index + 1).")
                x = try block(
                    "blocks.\(stage).\(index)", as: tensors, x, width: width, stride: index == 0 ? 2 : 1, in: &builder)
            }
        }
        _ = try builder.classifier(as: LayerName("fc", timm: "head.fc"), builder.globalAveragePool(x))
        return builder.graph
    }

    private func block<Source>(
        _ name: String, as tensors: LayerName, _ x: NetworkBuilder<Source>.Output, width: Int, stride: Int,
        in builder: inout NetworkBuilder<Source>
    ) throws -> NetworkBuilder<Source>.Output {
        func names(_ torchvision: String, timm: String) -> (convolution: LayerName, normalization: LayerName) {
            (
                tensors + LayerName("\(torchvision).0", timm: "\(timm).conv"),
                tensors + LayerName("\(torchvision).1", timm: "\(timm).bn")
            )
        }
        let relu = Operation.activation(.relu)
        var y = try builder.normalizedConvolution(
            "\(name).conv1", as: names("f.a", timm: "conv1"), x, to: width, kernel: 1, activation: relu)
        y = try builder.normalizedConvolution(
            "\(name).conv2", as: names("f.b", timm: "conv2"), y, to: width, kernel: 3, stride: stride,
            groups: width / min(groupWidth, width), activation: relu)
        if hasExcitation {
            y = try builder.squeezeExcitation(
                "\(name).se",
                as: (tensors + LayerName("f.se.fc1", timm: "se.fc1"), tensors + LayerName("f.se.fc2", timm: "se.fc2")),
                y,
                to: x.map.channels / 4, activation: relu)
        }
        y = try builder.normalizedConvolution("\(name).conv3", as: names("f.c", timm: "conv3"), y, to: width, kernel: 1)
        let shortcut =
            x.map == y.map
            ? x
            : try builder.normalizedConvolution(
                "\(name).downsample", as: names("proj", timm: "downsample"), x, to: width, kernel: 1, stride: stride)
        return builder.activation(name, relu, builder.add("\(name).sum", y, shortcut))
    }
}
