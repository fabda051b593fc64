/// The operators of ONNX Runtime's own domain that are read: those which its quantiser writes beside ONNX's, as QOperator
/// (https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md).
enum ONNXRuntimeOperator: String, CaseIterable {
    static let domain = "com.microsoft"

    case qGemm = "QGemm"
    case qLinearAdd = "QLinearAdd"
    case qLinearAveragePool = "QLinearAveragePool"
    case qLinearConcat = "QLinearConcat"
    case qLinearGlobalAveragePool = "QLinearGlobalAveragePool"
    case qLinearLeakyRelu = "QLinearLeakyRelu"
    case qLinearMul = "QLinearMul"
    case qLinearSigmoid = "QLinearSigmoid"
}
