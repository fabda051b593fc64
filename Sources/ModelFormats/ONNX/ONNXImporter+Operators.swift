import Compute
import Network

extension ONNXImporter {
    /// The values of the node's outputs, the first ones at least.
    mutating func evaluate(_ node: ONNXNode) throws(ModelFormatError) -> [ONNXValue] {
        if node.domain == ONNXRuntimeOperator.domain { return [try runtimeOperator(node)] }
        guard ONNXNode.isDefault(domain: node.domain), let operation = ONNXOperator(rawValue: node.operatorName) else {
            let domain = ONNXNode.isDefault(domain: node.domain) ? "" : " of domain \(node.domain.quoted)"
            throw node.unsupported(
                "operator", found: node.operatorName.quoted + domain,
                supported: ONNXReader.supportedOperators.joined(separator: ", "))
        }
        if operation == .split { return try split(node) }
        return [try value(of: operation, node)]
    }

    private mutating func value(
        of operation: ONNXOperator, _ node: ONNXNode
    ) throws(ModelFormatError) -> ONNXValue {
        switch operation {
        case .averagePool: try averagePool(node, try input(node, 0))
        case .conv: try convolution(node)
        case .convInteger: try integerConvolution(node)
        case .convTranspose: try transposedConvolution(node)
        case .globalAveragePool: try globalPool(node, try input(node, 0), .mean)
        case .globalMaxPool: try globalPool(node, try input(node, 0), .maximum)
        case .maxPool: try maxPool(node)
        case .batchNormalization: try batchNormalization(node)
        case .instanceNormalization: try instanceNormalization(node)
        case .layerNormalization: try layerNormalization(node)
        case .lrn: try localResponseNormalization(node)
        case .gemm: try gemm(node)
        case .matMul:
            try matrixProduct(node, try input(node, 0), try input(node, 1), grid: weightGrids[node.inputs[1]])
        case .matMulInteger: try integerMatrixProduct(node)
        case .abs: try unary(node, .absolute)
        case .ceil: try unary(node, .ceil)
        case .clip: try clip(node)
        case .elu: try unary(node, .elu(alpha: try node.float("alpha") ?? 1))
        case .erf: try unary(node, .erf)
        case .exp: try unary(node, .exp)
        case .floor: try unary(node, .floor)
        case .gelu: try unary(node, try node.string("approximate") == "tanh" ? .geluTanh : .gelu)
        case .hardSigmoid:
            try unary(
                node, .hardSigmoid(alpha: try node.float("alpha") ?? 0.2, beta: try node.float("beta") ?? 0.5))
        case .hardSwish: try unary(node, .hardSwish)
        case .leakyRelu: try unary(node, .leakyReLU(alpha: try node.float("alpha") ?? 0.01))
        case .log: try unary(node, .log)
        case .mish: try unary(node, .mish)
        case .neg: try unary(node, .negate)
        case .reciprocal: try unary(node, .reciprocal)
        case .relu: try apply(node, [try input(node, 0)], type: type(node)) { _, _ in .activation(.relu) }
        case .round: try unary(node, .round)
        case .selu:
            try unary(
                node,
                .selu(alpha: try node.float("alpha") ?? 1.6732632, gamma: try node.float("gamma") ?? 1.0507010))
        case .sigmoid: try unary(node, .sigmoid)
        case .softplus: try unary(node, .softplus)
        case .softsign: try unary(node, .softsign)
        case .sqrt: try unary(node, .sqrt)
        case .swish: try swish(node)
        case .tanh: try unary(node, .tanh)
        case .add, .sum: try fold(node, .add)
        case .div: try quotient(node)
        case .equal: try equal(node)
        case .max: try fold(node, .maximum)
        case .min: try fold(node, .minimum)
        case .mod: try remainder(node)
        case .mul: try fold(node, .multiply)
        case .pow: try fold(node, .power)
        case .pRelu: try parametricReLU(node)
        case .sub: try fold(node, .subtract)
        case .logSoftmax: try softmax(node, isLogarithmic: true)
        case .softmax: try softmax(node, isLogarithmic: false)
        case .reduceMax: try reduce(node, .maximum, axesSince: 18)
        case .reduceMean: try reduce(node, .mean, axesSince: 18)
        case .reduceMin: try reduce(node, .minimum, axesSince: 18)
        case .reduceProd: try reduce(node, .product, axesSince: 18)
        case .reduceSum: try reduce(node, .sum, axesSince: 13)
        case .reduceSumSquare: try reduce(node, .squareSum, axesSince: 18)
        case .concat: try concat(node)
        case .depthToSpace: try depthToSpace(node)
        case .dropout: try dropout(node)
        case .flatten: try flatten(node)
        case .gather: try gather(node)
        case .identity: try input(node, 0)
        case .pad: try pad(node)
        case .reshape: try reshape(node)
        case .resize: try resize(node)
        case .slice: try slice(node)
        case .spaceToDepth: try spaceToDepth(node)
        // Answered before.
        case .split: try input(node, 0)
        case .squeeze: try squeeze(node)
        case .transpose: try transpose(node)
        case .unsqueeze: try unsqueeze(node)
        case .upsample: try resize(node)
        case .cast: try cast(node)
        case .constant: try constant(node)
        case .constantOfShape: try constantOfShape(node)
        case .shape: try shape(node)
        case .dequantizeLinear: try dequantize(node)
        case .qLinearConv: try quantizedConvolution(node)
        case .qLinearMatMul: try quantizedMatrixProduct(node)
        case .quantizeLinear: try quantize(node)
        }
    }
}
