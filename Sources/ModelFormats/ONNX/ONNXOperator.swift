/// The operators of ONNX's default domain (https://onnx.ai/onnx/operators) that are read.
enum ONNXOperator: String, CaseIterable {
    // Over feature maps and vectors.
    case add = "Add"
    case averagePool = "AveragePool"
    case batchNormalization = "BatchNormalization"
    case clip = "Clip"
    case conv = "Conv"
    case dropout = "Dropout"
    case flatten = "Flatten"
    case gemm = "Gemm"
    case globalAveragePool = "GlobalAveragePool"
    case identity = "Identity"
    case maxPool = "MaxPool"
    case pad = "Pad"
    case relu = "Relu"
    case reshape = "Reshape"
    case softmax = "Softmax"
    // Evaluated while reading: constants, and arithmetic on shapes.
    case cast = "Cast"
    case concat = "Concat"
    case constant = "Constant"
    case constantOfShape = "ConstantOfShape"
    case gather = "Gather"
    case shape = "Shape"
    case slice = "Slice"
    case transpose = "Transpose"
    case unsqueeze = "Unsqueeze"
}
